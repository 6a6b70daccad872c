"""Track the outcome of a statement in autocommit mode for which files were stored.

Since Django 6.1, ``bulk_create()`` opens no transaction if a single statement is sufficient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["undo_pending", "undo_unless_written"]

WATCH_NAME: Final = "modernize_upload_watch"
"""The connection attribute that holds its watch."""

Undo = Callable[[], object]


class StatementWatch:
    """Wait for the next statement that writes, and undo what was prepared if it fails.

    Args:
        connection: The connection, in autocommit.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.undoings: list[Undo] = []
        connection.execute_wrappers.append(self)

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            result = execute(sql, params, many, context)
        except BaseException:
            self.conclude(is_undone=True)
            raise
        # A quota or another field may query the database before the row is written.
        if not str(sql).lstrip().upper().startswith("SELECT"):
            self.conclude(is_undone=False)
        return result

    def conclude(self, *, is_undone: bool) -> None:
        """Stop watching."""
        if self in self.connection.execute_wrappers:
            self.connection.execute_wrappers.remove(self)
        delattr(self.connection, WATCH_NAME)
        for undo in self.undoings if is_undone else ():
            undo()


def undo_unless_written(undo: Undo, *, using: str) -> None:
    """Undo something if the next statement that writes fails or is never reached."""
    connection = connections[using]
    watch: StatementWatch | None = getattr(connection, WATCH_NAME, None)
    if watch is None:
        watch = StatementWatch(connection)
        setattr(connection, WATCH_NAME, watch)
    watch.undoings.append(undo)


def undo_pending(*, using: str) -> None:
    """Undo what waits for a statement that will not be executed."""
    watch: StatementWatch | None = getattr(connections[using], WATCH_NAME, None)
    if watch is not None:
        watch.conclude(is_undone=True)
