"""What another connection does while this one is sealing."""

from contextlib import contextmanager
from threading import Thread

from django.db import connection, transaction

from django_modernize.audit.ledger.sealing import exclude_sealing


@contextmanager
def waiting_for_the_seal(act):
    """Let another thread act, and see that it waits until this one is through."""

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        exclude_sealing(connection)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        yield
    thread.join()
