"""Triggers on SQLite, which run for each row and read the context from the slot."""

from collections.abc import Collection, Iterable, Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from .declarations import (
    MANAGED_PREFIXES,
    TRIGGER_PREFIX,
    InstalledTrigger,
    Trigger,
    name_trigger,
)
from .identifiers import digest_name, quote_literal
from .sqlite_slot import CREATE_SLOT, FIND_SLOT, IS_UNLOCKED

__all__ = ["build_guard_triggers", "build_row_trigger"]


def build_row_trigger(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    event: str,
    body: str,
    condition: str = "",
    purpose: str = "",
    timing: str = "AFTER",
    columns: Collection[str] = (),
    prefix: str = TRIGGER_PREFIX,
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
        columns: Of an update, the columns that a statement must name; any by default.
        prefix: What the name begins with, by which the feature is known.
    """
    name = name_trigger(table, purpose or event, digest_name(table), prefix)
    when = f" WHEN {condition}" if condition else ""
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    of = f" OF {named}" if columns else ""
    sql = (
        f"CREATE TRIGGER {connection.ops.quote_name(name)} {timing} {event.upper()}{of} ON "
        f"{connection.ops.quote_name(table)} FOR EACH ROW{when} BEGIN {body}; END"
    )
    return Trigger(name=name, table=table, statements=(sql,), definition=sql)


def build_guard_triggers(connection: BaseDatabaseWrapper, *, table: str) -> Iterator[Trigger]:
    """Yield triggers that refuse to change or remove a table's rows."""
    for event in ("update", "delete"):
        message = (
            f"The audit trail is append-only: {event} of {table} was refused. Old events are "
            "removed by audit_prune, values by erase(). A fixture leaves them out: "
            "dumpdata --exclude modernize_audit."
        )
        yield build_row_trigger(
            connection,
            table=table,
            event=event,
            timing="BEFORE",
            purpose=f"guard_{event}",
            condition=f"NOT {IS_UNLOCKED}",
            body=f"SELECT RAISE(ABORT, {quote_literal(message)})",
        )


def prepare(connection: BaseDatabaseWrapper) -> bool:
    """Make the slot, which all triggers read, and tell whether it was missing."""
    connection.ensure_connection()
    # Not through Django's cursor, where the watcher would ask for triggers on the new table.
    driver = connection.connection
    is_missing = driver.execute(FIND_SLOT).fetchone() is None
    driver.execute(CREATE_SLOT)
    return is_missing


def read_columns(
    connection: BaseDatabaseWrapper, tables: Collection[str]
) -> list[tuple[str, str, str]]:
    """Return the columns of those of the tables that exist, in one query.

    Returns:
        Of each its table, its name, and the table's quoted name.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c "
            "WHERE t.type = 'table'"
        )
        return [
            (table, column, qualify_table(connection, table))
            for table, column in cursor.fetchall()
            if table in tables
        ]


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
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        return [
            InstalledTrigger(name=name, table=table, definition=sql, enabled=True)
            for name, table, sql in cursor.fetchall()
            if name.startswith(MANAGED_PREFIXES) and (tables is None or table in tables)
        ]


def drop_statements(
    connection: BaseDatabaseWrapper, triggers: Iterable[InstalledTrigger]
) -> list[str]:
    """Return the SQL that drops triggers."""
    quote = connection.ops.quote_name
    return [f"DROP TRIGGER IF EXISTS {quote(trigger.name)}" for trigger in triggers]
