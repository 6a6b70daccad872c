"""A lease for sending something to a person, held by one worker outside of any transaction.

A mail server may be slow. A row lock held meanwhile would block others, and on SQLite
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
    """Lease sending to a person by a channel; the block receives whether it got the lease.

    Look up what to send only within the block: it may have been sent meanwhile.

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
            # Not a lease that another worker has taken since.
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
