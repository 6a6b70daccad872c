"""Pass the context of a write to SQLite, through the slot or a function."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from secrets import randbits
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import driver_cursor, replace_driver_cursor
from ..context import ChangeContext
from .context_caches import KeptDetails
from .declarations import WriteMode
from .rendering import RenderedContext
from .sqlite_cursor import BufferedCursor
from .sqlite_schema import KnownSchema, read_schema
from .sqlite_slot import (
    EMPTY_SLOT,
    FILL_SLOT,
    FIND_DETAILS,
    TELLING_FUNCTION,
    SlotValues,
    render_slot,
)
from .statements import find_written_table, replaces_rows

__all__ = ["SQLiteDelivery"]


class SQLiteDelivery:
    """Provide the context to the triggers while a write runs, and never longer."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.schema: KnownSchema | None = None
        self.mode = WriteMode.RECORDED
        self.transaction_id = 0
        self.rendered = RenderedContext(partial(render_slot, connection))
        self.kept = KeptDetails()
        self.told: dict[str, Any] = {}
        """What the triggers are answered; empty but while a statement runs."""

        self.filled: tuple[Any, ...] | None = None
        """What stands in the slot while a statement runs."""

    def watch_driver(self) -> None:
        """Have the driver answer the triggers."""
        self.connection.connection.create_function(TELLING_FUNCTION, 1, self.told.get)
        self.kept.forget()

    def look_at_transaction(self) -> None:
        """Nothing is said to a transaction that could outlive it."""

    def begin(self) -> None:
        """Note that a transaction was opened."""
        self.kept.end_transaction()
        self._number_transaction()

    def forget(self) -> None:
        """Note that what was written may have been rolled back."""
        self.kept.end_transaction()

    def change_schema(self) -> None:
        """Note that tables came or went."""
        self.schema = None
        self.kept.forget()

    def read_transaction_id(self) -> int:
        """Return the number of the current transaction."""
        return self.transaction_id

    def forget_events(self) -> None:
        """Take back the events of a table that was emptied between two tests.

        Django empties one table after the other, so that some would be recorded after the trail
        was emptied itself.
        """
        self.kept.forget()
        if not self._know_schema().has_slot:
            return
        values = render_slot(self.connection, ChangeContext(), WriteMode.UNLOCKED)
        self._run(FILL_SLOT, (*values.columns, self.transaction_id, None))
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
        """Run a statement with its context known to the triggers.

        Costs nothing where no trigger listens, and a look into a dictionary for each value where
        one row is changed and the details are kept; else two writes to a table of one row, made
        directly with the driver.
        """
        schema = self._know_schema()
        table = find_written_table(sql)
        if not schema.has_slot or not schema.hears_of(table):
            return execute(sql, params, many, context)
        driver = self.connection.connection
        if not driver.in_transaction:
            self.kept.end_transaction()
            self._number_transaction()
        # The actor may have to be looked up, which must not happen with a filled slot.
        values = self.rendered.find(change, self.mode)
        if not many and self._may_ask(values) and schema.changes_one_row(sql, table):
            return self._execute_asked(values, execute, sql, params, many, context)
        if driver.in_transaction or not self.connection.get_autocommit():
            return self._execute_inside(values, execute, sql, params, many, context)
        return self._execute_alone(values, execute, sql, params, many, context)

    def _know_schema(self) -> KnownSchema:
        if self.schema is None:
            self.schema = read_schema(self.connection.connection)
        return self.schema

    def _number_transaction(self) -> None:
        # Growing with time, so that their index grows at its end.
        self.transaction_id = time.time_ns() // 1_000_000 << 20 | randbits(20)

    def _may_ask(self, values: SlotValues) -> bool:
        """Return whether the triggers would learn all by asking, and would ask."""
        context_id = values.told["context_id"]
        return (
            self.mode is WriteMode.RECORDED
            and self.filled is None
            and (context_id is None or self.kept.has(context_id))
        )

    def _execute_asked(
        self, values: SlotValues, execute: Callable[..., Any], *statement: Any
    ) -> Any:
        told = self.told
        # An execute wrapper of the project's own may write within a write.
        before = told.copy() if told else None
        told.update(values.told, transaction_id=self.transaction_id, event_at=_write_time())
        try:
            return execute(*statement)
        finally:
            told.clear()
            if before is not None:
                told.update(before)

    def _execute_inside(
        self, values: SlotValues, execute: Callable[..., Any], *statement: Any
    ) -> Any:
        driver = self.connection.connection
        row = (*values.columns, self.transaction_id, _write_time())
        self._run(FILL_SLOT, row)
        before, self.filled = self.filled, row
        try:
            if replaces_rows(statement[0]):
                return self._execute_replacement(driver, execute, *statement)
            return execute(*statement)
        finally:
            self.filled = before
            # A full disk or RAISE(ROLLBACK) ends the transaction, and the slot with it.
            if driver.in_transaction:
                self._run(EMPTY_SLOT)
                self._look_for_details(values.told["context_id"])
                if before is not None:
                    self._run(FILL_SLOT, before)

    def _look_for_details(self, context_id: int | None) -> None:
        """Remember whether emptying the slot kept the details: what left no event keeps none."""
        if context_id is None or not self._know_schema().keeps_details or self.kept.has(context_id):
            return
        if self.connection.connection.execute(FIND_DETAILS, [context_id]).fetchone():
            self.kept.find(context_id)

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
        self, values: SlotValues, execute: Callable[..., Any], *statement: Any
    ) -> Any:
        self._run("BEGIN IMMEDIATE")
        try:
            result = self._execute_inside(values, execute, *statement)
            self._buffer_rows(statement[-1])
            self._run("COMMIT")
        except BaseException:
            self.kept.end_transaction()
            if self.connection.connection.in_transaction:
                self._run("ROLLBACK")
            raise
        self.kept.commit()
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


def _write_time() -> str:
    """Return the time as Django writes it, so that text compares as time does."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{_write_second(seconds)}.{nanoseconds // 1_000:06}"


@lru_cache(maxsize=1)
def _write_second(seconds: int) -> str:
    # Writing all of it costs as much as running a trigger.
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
