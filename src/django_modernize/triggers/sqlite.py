"""Triggers and context on SQLite: row triggers, and a slot that is filled within one transaction.

SQLite has no setting that a trigger could read, and a function that only Django's connections
define would make every other program's write fail. So the context is written into a table with one
row, the slot, right before a statement, and taken out right after it, in the transaction of the
statement itself. Writers exclude one another in SQLite: nobody else ever sees a filled slot.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from secrets import randbits
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import driver_cursor, replace_driver_cursor
from ..context import ChangeContext
from .declarations import TRIGGER_PREFIX, InstalledTrigger, Trigger, WriteMode, name_trigger
from .identifiers import digest_name, quote_literal
from .statements import replaces_rows

__all__ = [
    "DETAILS",
    "SLOT_COLUMNS",
    "SLOT_TABLE",
    "SQLiteDelivery",
    "build_guard_triggers",
    "build_row_trigger",
]

SLOT_TABLE: Final = "modernize_slot"

DETAILS: Final = ("actor_label", "reason", "request_id", "ip_address", "user_agent")

SLOT_COLUMNS: Final = (
    "actor_id",
    "source",
    *DETAILS,
    "context_id",
    "transaction_id",
    "event_at",
    "mode",
)
"""The context of a write. ``context_id`` is what the details will be found under, if there are
any; ``mode`` is a :class:`WriteMode`."""

CREATE_SLOT: Final = (
    f'CREATE TABLE IF NOT EXISTS "{SLOT_TABLE}" '
    f"(slot integer PRIMARY KEY CHECK (slot = 1), {', '.join(SLOT_COLUMNS)})"
)
UNLOCKED: Final = quote_literal(WriteMode.UNLOCKED)

FIND_SLOT: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
FILL_SLOT: Final = (
    f'INSERT OR REPLACE INTO "{SLOT_TABLE}" VALUES (1, {", ".join("?" for _ in SLOT_COLUMNS)})'
)
EMPTY_SLOT: Final = f'DELETE FROM "{SLOT_TABLE}"'


def build_row_trigger(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    event: str,
    body: str,
    condition: str = "",
    purpose: str = "",
    timing: str = "AFTER",
) -> Trigger:
    """Return a trigger that runs for each row.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        event: ``insert``, ``update`` or ``delete``.
        body: Statements that read ``OLD`` and ``NEW``, without the closing semicolon.
        condition: SQL that decides whether a row counts; every row does where it is empty.
        purpose: Tells apart the triggers of one table for one event; the event by default.
        timing: ``AFTER`` or ``BEFORE``.
    """
    name = name_trigger(table, purpose or event, digest_name(table))
    when = f" WHEN {condition}" if condition else ""
    sql = (
        f"CREATE TRIGGER {connection.ops.quote_name(name)} {timing} {event.upper()} ON "
        f"{connection.ops.quote_name(table)} FOR EACH ROW{when} BEGIN {body}; END"
    )
    return Trigger(name=name, table=table, statements=(sql,), definition=sql)


def build_guard_triggers(connection: BaseDatabaseWrapper, *, table: str) -> Iterator[Trigger]:
    """Yield triggers that refuse to change or remove a table's rows."""
    for event in ("update", "delete"):
        message = (
            f"The audit trail is append-only: {event} of {table} was refused. Old events are "
            "removed by audit_prune, values by audit_erase."
        )
        yield build_row_trigger(
            connection,
            table=table,
            event=event,
            timing="BEFORE",
            purpose=f"guard_{event}",
            condition=f'NOT EXISTS (SELECT 1 FROM "{SLOT_TABLE}" WHERE mode = {UNLOCKED})',
            body=f"SELECT RAISE(ABORT, {quote_literal(message)})",
        )


def prepare(connection: BaseDatabaseWrapper) -> bool:
    """Make the slot, which all triggers read, and tell whether it was missing."""
    connection.ensure_connection()
    # Not through Django's cursor, where the watcher would ask for triggers on the new table.
    driver = connection.connection
    is_missing = driver.execute(FIND_SLOT, (SLOT_TABLE,)).fetchone() is None
    driver.execute(CREATE_SLOT)
    return is_missing


def read_columns(connection: BaseDatabaseWrapper, tables: Collection[str]) -> dict[str, set[str]]:
    """Return the columns of those of the tables that exist, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c "
            "WHERE t.type = 'table'"
        )
        columns: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            if table in tables:
                columns.setdefault(table, set()).add(column)
    return columns


def qualify_table(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return a table's quoted name; a trigger's own schema is the only one that it sees."""
    return connection.ops.quote_name(table)


def find_sequence(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return nothing: SQLite numbers rows without a sequence of its own name."""
    return ""


def read_installed(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> list[InstalledTrigger]:
    """Return the managed triggers of some or of all tables, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' "
            "AND substr(name, 1, %s) = %s",
            [len(TRIGGER_PREFIX), TRIGGER_PREFIX],
        )
        return [
            InstalledTrigger(name=name, table=table, definition=sql, enabled=True)
            for name, table, sql in cursor.fetchall()
            if tables is None or table in tables
        ]


def drop_statements(
    connection: BaseDatabaseWrapper, triggers: Iterable[InstalledTrigger]
) -> list[str]:
    """Return the SQL that drops triggers."""
    quote = connection.ops.quote_name
    return [f"DROP TRIGGER IF EXISTS {quote(trigger.name)}" for trigger in triggers]


class BufferedCursor:
    """A driver's cursor whose rows were fetched before its transaction was committed.

    SQLite refuses a COMMIT while an ``INSERT ... RETURNING`` has rows to give.
    """

    def __init__(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self._cursor = cursor
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> "BufferedCursor":
        return self

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def execute(self, *args: Any) -> Any:
        """Run another statement; what was not fetched of this one is gone, as in any cursor."""
        self._rows = []
        return self._cursor.execute(*args)

    def fetchone(self) -> Any:
        """Return the next row, or ``None``."""
        return self._rows.pop(0) if self._rows else self._cursor.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Return up to that many of the next rows."""
        if not self._rows:
            return self._cursor.fetchmany(size)
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, []
        return rows + self._cursor.fetchall()


class SQLiteDelivery:
    """Fills the slot around each write, in the write's own transaction."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.has_slot: bool | None = None
        self.mode = WriteMode.RECORDED
        self.transaction_id = 0
        self._rendered: tuple[Any, list[Any]] = ((), [])

    def watch_driver(self) -> None:
        """SQLite's driver has no way to write around Django's cursor."""

    def look_at_transaction(self) -> None:
        """Nothing is said to a transaction that could outlive it."""

    def begin(self) -> None:
        """Note that a transaction was opened."""
        self.transaction_id = randbits(63)
        self._rendered = ((), [])

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
        self._run(FILL_SLOT, [None] * (len(SLOT_COLUMNS) - 1) + [WriteMode.UNLOCKED.value])
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

        Costs two writes to a table of one row, made directly with the driver.
        """
        driver = self.connection.connection
        if not self._knows_slot(driver):
            return execute(sql, params, many, context)
        if not driver.in_transaction:
            self.begin()
        # The actor may have to be looked up, which must not happen with a filled slot.
        values = self._slot_values(change)
        if driver.in_transaction:
            return self._execute_inside(driver, values, execute, sql, params, many, context)
        return self._execute_alone(driver, values, execute, sql, params, many, context)

    def _knows_slot(self, driver: sqlite3.Connection) -> bool:
        if self.has_slot is None:
            self.has_slot = driver.execute(FIND_SLOT, (SLOT_TABLE,)).fetchone() is not None
        return self.has_slot

    def _slot_values(self, change: ChangeContext) -> list[Any]:
        """Return what of the slot stays the same while context and transaction do."""
        # The actor may be a callable that answers otherwise than before.
        key = (change, change.actor_id, change.actor_label)
        rendered_key, values = self._rendered
        if not values or rendered_key[0] is not change or rendered_key[1:] != key[1:]:
            values = render_slot(change)
            self._rendered = (key, values)
        return values

    def _execute_inside(
        self,
        driver: sqlite3.Connection,
        values: list[Any],
        execute: Callable[..., Any],
        *statement: Any,
    ) -> Any:
        event_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        self._run(FILL_SLOT, [*values, self.transaction_id, event_at, self.mode.value])
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
        values: list[Any],
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
        with self.connection.wrap_database_errors:
            self.connection.connection.execute(sql, values)

    def _buffer_rows(self, context: dict[str, Any]) -> None:
        cursor = driver_cursor(context)
        if cursor.description is not None:
            replace_driver_cursor(context, BufferedCursor(cursor, cursor.fetchall()))


def render_slot(change: ChangeContext) -> list[Any]:
    """Return what the slot says about a context, in the order of its columns."""
    values = change.to_dict()
    values["request_id"] = None if change.request_id is None else change.request_id.hex
    has_details = any(values[name] for name in DETAILS)
    # A random number needs no counter, and leaves room above for those that are counted.
    context_id = randbits(62) if has_details else None
    return [*(values[column] for column in SLOT_COLUMNS[: 2 + len(DETAILS)]), context_id]
