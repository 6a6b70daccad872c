"""The one block around all changes of AriStay's rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Final

from django.db import transaction

from api.services.notification.following import tell_changes
from django_modernize.autotasks.running import ChangeFollower, follow_changes

from .waiting import refresh_waiting

__all__ = ["making_changes"]

_active: Final = local()
"""The follower of the outermost block; as connections are, of one thread."""


@contextmanager
def making_changes() -> Iterator[ChangeFollower]:
    """Make the changes of one business action: all of them are stored, or none.

    Services, admin and API write inside of it, whichever the door; blocks in one another are one.
    When the outermost block ends, the rules make, move and cancel the tasks that its changes ask
    for, tasks wait for others or no longer do, and people are told of what concerns them, within
    the same transaction.

    Yields:
        What runs the rules, for a caller who has to know beforehand what they did.

    Costs five queries, some six more where bookings have changed, and at most nine where somebody
    is told; within another block a savepoint.
    """
    outer: ChangeFollower | None = getattr(_active, "follower", None)
    if outer is not None:
        with transaction.atomic():
            yield outer
        return
    with follow_changes() as follower:
        began = min(follower.last_events.values())
        _active.follower = follower
        try:
            yield follower
        finally:
            _active.follower = None
        # What the rules do may let tasks wait, or end that; and people are told of it too.
        follower.catch_up()
        refresh_waiting()
        tell_changes(after=began)
