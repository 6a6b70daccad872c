"""Tells SQLite the context of a write, by the slot."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from secrets import randbits
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import driver_cursor, replace_driver_cursor
from ..context import ChangeContext
from .declarations import WriteMode, list_target_tables
from .rendering import RenderedContext
from .sqlite_cursor import BufferedCursor
from .sqlite_slot import EMPTY_SLOT, FILL_SLOT, FIND_REACTING_TABLES, FIND_SLOT, render_slot
from .statements import find_written_table, replaces_rows

__all__ = ["SQLiteDelivery"]

ZONE_LENGTH: Final = len("+00:00")


class SQLiteDelivery:
    """Fills the slot around each write, in the write's own transaction."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.has_slot: bool | None = None
        self.heard_tables: set[str] = set()
        """The tables of whose changes a trigger may hear."""

        self.mode = WriteMode.RECORDED
        self.transaction_id = 0
        self.rendered = RenderedContext(render_slot)

    def watch_driver(self) -> None:
        """SQLite's driver has no way to write around Django's cursor."""

    def look_at_transaction(self) -> None:
        """Nothing is said to a transaction that could outlive it."""

    def begin(self) -> None:
        """Note that a transaction was opened."""
        # Growing with time, so that their index grows at its end.
        self.transaction_id = time.time_ns() // 1_000_000 << 20 | randbits(20)

    def forget(self) -> None:
        """Note that what was said may have been rolled back: nothing, the slot is empty."""

    def change_schema(self) -> None:
        """Note that tables came or went."""
        self.has_slot = None

    def read_transaction_id(self) -> int:
        """Return the number of the current transaction."""
        return self.transaction_id

    def forget_events(self) -> None:
        """Take back the events of a table that was emptied between two tests.

        Django empties one table after the other, so that some would be recorded after the trail
        was emptied itself.
        """
        if not self._knows_slot(self.connection.connection):
            return
        values = render_slot(ChangeContext(), WriteMode.UNLOCKED)
        self._run(FILL_SLOT, (*values, self.transaction_id, None))
        self._run(
            'DELETE FROM "modernize_audit_event" WHERE transaction_id = ?', [self.transaction_id]
        )
        self._run(EMPTY_SLOT)

    def execute_write(
        self,
        change: ChangeContext,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Run a statement with its context in the slot.

        Costs two writes to a table of one row, made directly with the driver; nothing where the
        statement changes a table that no trigger listens to.
        """
        driver = self.connection.connection
        if not self._knows_slot(driver) or self._is_unheard(sql):
            return execute(sql, params, many, context)
        if not driver.in_transaction:
            self.begin()
        # The actor may have to be looked up, which must not happen with a filled slot.
        values = self.rendered.find(change, self.mode)
        if driver.in_transaction:
            return self._execute_inside(driver, values, execute, sql, params, many, context)
        return self._execute_alone(driver, values, execute, sql, params, many, context)

    def _knows_slot(self, driver: sqlite3.Connection) -> bool:
        if self.has_slot is None:
            self.has_slot = driver.execute(FIND_SLOT).fetchone() is not None
            reacting = {table for (table,) in driver.execute(FIND_REACTING_TABLES)}
            # A trigger that another process puts on a tracked table later shall find the context.
            self.heard_tables = reacting | list_target_tables()
        return self.has_slot

    def _is_unheard(self, sql: Any) -> bool:
        table = find_written_table(sql)
        return table is not None and table not in self.heard_tables

    def _execute_inside(
        self,
        driver: sqlite3.Connection,
        values: tuple[Any, ...],
        execute: Callable[..., Any],
        *statement: Any,
    ) -> Any:
        # As Django writes it, so that text compares as time does.
        event_at = datetime.now(UTC).isoformat(" ", "microseconds")[:-ZONE_LENGTH]
        self._run(FILL_SLOT, (*values, self.transaction_id, event_at))
        try:
            if replaces_rows(statement[0]):
                return self._execute_replacement(driver, execute, *statement)
            return execute(*statement)
        finally:
            # A full disk or RAISE(ROLLBACK) ends the transaction, and the slot with it.
            if driver.in_transaction:
                self._run(EMPTY_SLOT)

    def _execute_replacement(
        self, driver: sqlite3.Connection, execute: Callable[..., Any], *statement: Any
    ) -> Any:
        """Run a REPLACE; the triggers of the rows that it removes run only if asked for.

        See "ON CONFLICT" of SQLite's documentation. Not for every statement, since a trigger of
        the project's own that changes its own table would run itself again.
        """
        (before,) = driver.execute("PRAGMA recursive_triggers").fetchone()
        self._run("PRAGMA recursive_triggers = 1")
        try:
            return execute(*statement)
        finally:
            self._run(f"PRAGMA recursive_triggers = {before}")

    def _execute_alone(
        self,
        driver: sqlite3.Connection,
        values: tuple[Any, ...],
        execute: Callable[..., Any],
        *statement: Any,
    ) -> Any:
        self._run("BEGIN IMMEDIATE")
        try:
            result = self._execute_inside(driver, values, execute, *statement)
            self._buffer_rows(statement[-1])
            self._run("COMMIT")
        except BaseException:
            if driver.in_transaction:
                self._run("ROLLBACK")
            raise
        return result

    def _run(self, sql: str, values: Sequence[Any] = ()) -> None:
        try:
            self.connection.connection.execute(sql, values)
        except sqlite3.Error:
            # Entered only now, since it costs as much as the statement.
            with self.connection.wrap_database_errors:
                raise

    def _buffer_rows(self, context: dict[str, Any]) -> None:
        cursor = driver_cursor(context)
        if cursor.description is not None:
            replace_driver_cursor(context, BufferedCursor(cursor, cursor.fetchall()))
