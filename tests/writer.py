"""A program that writes without end, to be killed: ``python -m tests.writer endless``."""

import os
import sys
from itertools import count

import django


def write_endlessly():
    from django.db import connection, transaction

    from django_modernize.context import change_context
    from tests.testapp.models import Ledger

    process = os.getpid()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        process = connection.connection.info.backend_pid
    for number in count():
        with change_context(reason=f"round {number}"), transaction.atomic():
            Ledger.objects.bulk_create([Ledger(title=str(number), amount=n) for n in range(20)])
            Ledger.objects.filter(amount__gte=15).update(amount=number)
            Ledger.objects.filter(title=str(number), amount__lt=10).delete()
        Ledger.objects.create(title="alone", amount=number)
        print(process, number, flush=True)


def flood():
    """Write more events than the disk can hold, first at once and then one by one."""
    from django.db import DatabaseError, connection

    from tests.testapp.models import Ledger

    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO testapp_ledger (title, amount)"
                " SELECT 'flood', n FROM generate_series(1, 150000) n"
            )
    except DatabaseError as error:
        print(type(error).__name__, str(error).replace("\n", " "))
    for number in range(1000):
        try:
            Ledger.objects.create(title="drop", amount=number)
        except DatabaseError as error:
            print(type(error).__name__, str(error).replace("\n", " "))
            break


def main(task):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    {"endless": write_endlessly, "flood": flood}[task]()


if __name__ == "__main__":
    main(sys.argv[1])
