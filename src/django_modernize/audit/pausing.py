"""Pause the trail, and record that it was paused."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from ..exceptions import InvalidContext
from ..triggers.connection import find_watcher
from .models import AuditAction
from .recording import RecordedEvent, record_events

__all__ = ["untracked"]


@contextmanager
def untracked(reason: str, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Record nothing that this connection changes in a block, which is a transaction.

    For changes of millions of rows that nobody will ask about, such as filling a new column. The
    block itself is recorded as an event (``untracked``), with who opened it and why.

    Args:
        reason: Why; it must not be empty.
        using: The database.

    Raises:
        InvalidContext: There is no reason.

    Costs three statements.
    """
    if not reason.strip():
        raise InvalidContext('untracked() needs a reason: untracked("fill the new column").')
    with transaction.atomic(using=using):
        gap = RecordedEvent.of_context(
            object_type="", object_id="", action=AuditAction.UNTRACKED, reason=reason
        )
        record_events([gap], using=using)
        with find_watcher(connections[using]).untracked():
            yield
