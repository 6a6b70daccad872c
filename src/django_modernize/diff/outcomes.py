"""Track whether a write is committed or rolled back with its transaction or savepoint.

Django has no signal for a rollback: it drops ``on_commit()`` callbacks silently, and registering
one for each save would show up in every ``captureOnCommitCallbacks()``. So the methods with which
Django ends a transaction or savepoint are wrapped on each connection. A rollback issued as plain
SQL (``cursor.execute("ROLLBACK")``) goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

__all__ = ["Outcome", "find_outcome"]

LEVELS_NAME: Final = "modernize_levels"
"""The connection attribute that holds its levels, which must not outlive the connection."""


class Outcome:
    """The outcome of the writes of a transaction or a savepoint.

    Args:
        parent: The outcome of the surrounding savepoint or transaction.
    """

    __slots__ = ("attached", "is_over", "is_rolled_back", "parent", "undoings")

    def __init__(self, parent: Outcome | None) -> None:
        self.parent = parent
        self.is_rolled_back = False
        self.is_over = False
        self.undoings: list[Callable[[], object]] = []
        self.attached: dict[str, Any] = {}

    def when_undone(self, undo: Callable[[], object]) -> None:
        """Register a callback for a rollback of the writes. It must not raise."""
        self.undoings.append(undo)

    def conclude(self, *, is_rolled_back: bool) -> None:
        """Record that the level ended. After a rollback, run its callbacks in reverse order.

        The callbacks of a released savepoint are passed on to the surrounding level.
        """
        self.is_over, self.is_rolled_back = True, is_rolled_back
        undoings, self.undoings = self.undoings, []
        if not is_rolled_back and self.parent is not None:
            self.parent.undoings += undoings
        if is_rolled_back:
            for undo in reversed(undoings):
                undo()

    @property
    def is_undone(self) -> bool:
        """Whether the writes were rolled back."""
        return self.is_rolled_back or (self.parent is not None and self.parent.is_undone)

    @property
    def is_kept(self) -> bool:
        """Whether the writes were committed."""
        if self.parent is not None:
            return self.is_over and self.parent.is_kept
        return self.is_over and not self.is_rolled_back

    def find_open(self) -> Outcome:
        """Return the outcome that applies now: that of the parent after a savepoint's release."""
        if self.is_over and self.parent is not None:
            return self.parent.find_open()
        return self


class TransactionLevels:
    """The open transaction of a connection and its savepoints.

    Each level gets an outcome on the first write, so a transaction that writes no tracked model
    costs nothing.

    Args:
        connection: The connection whose methods are wrapped.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.savepoints: list[str] = []
        self.outcomes: list[Outcome] = []
        wrap_method(connection, "savepoint", self.add_savepoint)
        wrap_method(connection, "savepoint_commit", self.release_savepoint)
        wrap_method(connection, "savepoint_rollback", self.undo_savepoint)
        wrap_method(connection, "commit", self.end_transaction)
        wrap_method(connection, "rollback", self.undo_transaction)
        wrap_method(connection, "close", self.undo_transaction)

    def find_outcome(self) -> Outcome:
        """Return the outcome for writes at the current level."""
        while len(self.outcomes) <= len(self.savepoints):
            self.outcomes.append(Outcome(self.outcomes[-1] if self.outcomes else None))
        return self.outcomes[-1]

    def add_savepoint(self, sid: str | None) -> None:
        """Record a new savepoint. Django creates none outside a transaction."""
        if sid is not None:
            self.savepoints.append(sid)

    def release_savepoint(self, _: None, sid: str) -> None:
        """Record a savepoint's release: its writes now belong to the surrounding level."""
        self._leave_savepoint(sid, is_rolled_back=False)

    def undo_savepoint(self, _: None, sid: str) -> None:
        """Record a rollback to a savepoint, which remains open."""
        if self._leave_savepoint(sid, is_rolled_back=True):
            self.savepoints.append(sid)

    def end_transaction(self, _: None) -> None:
        """Record a commit."""
        self._leave_level(0, is_rolled_back=False)

    def undo_transaction(self, _: None) -> None:
        """Record a rollback or a closed connection. After a commit this has no effect."""
        self._leave_level(0, is_rolled_back=True)

    def _leave_savepoint(self, sid: str, *, is_rolled_back: bool) -> bool:
        is_known = sid in self.savepoints
        if is_known:
            self._leave_level(self.savepoints.index(sid) + 1, is_rolled_back=is_rolled_back)
        return is_known

    def _leave_level(self, level: int, *, is_rolled_back: bool) -> None:
        concluded = self.outcomes[level:]
        del self.outcomes[level:]
        del self.savepoints[max(level - 1, 0) :]
        for outcome in reversed(concluded):
            outcome.conclude(is_rolled_back=is_rolled_back)


def find_outcome(alias: str | None) -> Outcome | None:
    """Return the outcome for a write made now, or ``None`` if it takes effect immediately.

    Args:
        alias: The alias of the database, or ``None`` for an instance that was never written.
    """
    if alias is None:
        return None
    connection = connections[alias]
    levels: TransactionLevels | None = getattr(connection, LEVELS_NAME, None)
    if levels is None or (connection.autocommit and not connection.in_atomic_block):
        return None
    return levels.find_outcome()


def wrap_method(connection: BaseDatabaseWrapper, name: str, note: Callable[..., None]) -> None:
    """Wrap a connection's method to call ``note`` with its result and arguments afterwards."""
    method: Callable[..., Any] = getattr(connection, name)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        note(result, *args, **kwargs)
        return result

    setattr(connection, name, call)


def watch_transactions(*, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Track the transactions of a new connection. Receiver of ``connection_created``."""
    if not hasattr(connection, LEVELS_NAME):
        setattr(connection, LEVELS_NAME, TransactionLevels(connection))


connection_created.connect(watch_transactions, dispatch_uid="django_modernize.outcomes")
