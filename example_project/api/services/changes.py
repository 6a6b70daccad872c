"""The one frame around whatever changes AriStay's rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

__all__ = ["making_changes"]


@contextmanager
def making_changes() -> Iterator[None]:
    """Make the changes of one business action: all of them are stored, or none.

    Services, admin and API write inside of it, whichever the door; blocks in one another are one.

    Costs a savepoint within another block.
    """
    with transaction.atomic():
        yield
