"""The right to send something to a person, held by one worker and by no transaction.

A mail server may take its time. A row that is locked meanwhile keeps others waiting, and on SQLite
everybody who writes anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.utils import timezone

from api.models import DeliveryLease, User

__all__ = ["leasing"]

LONGEST: Final = timedelta(minutes=5)
"""After which a worker that says nothing was killed, and another may try."""


@contextmanager
def leasing(user: User, channel: str, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[bool]:
    """Hold the right to send to a person by a channel; the block is given whether it is had.

    Whoever has it looks for what is to be sent only then: it may have been sent meanwhile.

    Args:
        user: The person.
        channel: What is sent, in a word.
        using: The alias of the database.

    Costs two statements for whoever gets it, and one more where a killed worker had it.
    """
    until = timezone.now() + LONGEST
    is_had = _take(user, channel, until, using)
    try:
        yield is_had
    finally:
        if is_had:
            # Not one that another worker took since.
            leases = DeliveryLease.objects.using(using).filter(user=user, channel=channel)
            leases.filter(until=until).delete()


def _take(user: User, channel: str, until: datetime, using: str) -> bool:
    leases = DeliveryLease.objects.using(using)
    try:
        with transaction.atomic(using=using):
            leases.create(user=user, channel=channel, until=until)
    except IntegrityError:
        held = leases.filter(user=user, channel=channel, until__lt=timezone.now())
        return bool(held.update(until=until))
    return True
