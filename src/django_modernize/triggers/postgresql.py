"""Triggers and context on PostgreSQL: functions per statement, a setting per transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import driver_cursor, sends_one_message, show_next_result, transaction_status
from ..context import ChangeContext, get_context
from .declarations import TRIGGER_PREFIX, InstalledTrigger, Trigger, WriteMode, name_trigger
from .identifiers import digest_name, quote_literal

__all__ = [
    "CONTEXT_SEPARATOR",
    "CONTEXT_SETTING",
    "DETAILS_SETTING",
    "MODE_SETTING",
    "PostgreSQLDelivery",
    "build_guard_trigger",
    "build_statement_trigger",
]

CONTEXT_SETTING: Final = "django_modernize.context"
"""Holds the actor's key and the source, with CONTEXT_SEPARATOR between them."""

DETAILS_SETTING: Final = "django_modernize.details"
"""Holds what else there is to tell, or ``#`` and the number of what was told already."""

MODE_SETTING: Final = "django_modernize.mode"
"""Holds a :class:`WriteMode`."""

CONTEXT_SEPARATOR: Final = "\x1f"

DETAILS: Final = ("actor_label", "reason", "request_id", "ip_address", "user_agent")

Settings = tuple[tuple[str, str], ...]

IDLE: Final = 0
"""libpq's PQTRANS_IDLE: the connection is in no transaction."""

EVENT_BITS: Final = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
"""pg_trigger.tgtype of a statement-level AFTER trigger."""

GUARD_BITS: Final = 2 | EVENT_BITS["delete"] | EVENT_BITS["update"] | EVENT_BITS["truncate"]
"""pg_trigger.tgtype of a statement-level BEFORE trigger for all three."""

TRANSITION_TABLES: Final = {
    "insert": "REFERENCING NEW TABLE AS new_rows ",
    "delete": "REFERENCING OLD TABLE AS old_rows ",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows ",
    "truncate": "",
}

# A cached plan that loops over one row in the first update would be quadratic for the ten thousand
# of a later one, so their join is always hashed. A plan of its own for each call costs more than
# it can gain: nothing else joins.
FUNCTION_SETTINGS: Final = {
    "update": "SET enable_nestloop = off SET plan_cache_mode = force_generic_plan ",
}

GUARD_BODY: Final = f"""
BEGIN
  IF current_setting('{MODE_SETTING}', true) IS DISTINCT FROM '{WriteMode.UNLOCKED}' THEN
    RAISE EXCEPTION 'The audit trail is append-only: % of % was refused.', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege',
        HINT = 'Old events are removed by audit_prune, values by audit_erase.';
  END IF;
  RETURN NULL;
END
"""


def build_statement_trigger(
    connection: BaseDatabaseWrapper, *, table: str, event: str, body: str, purpose: str = ""
) -> Trigger:
    """Return an AFTER trigger that runs once per statement, with the rows in transition tables.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        event: ``insert``, ``update``, ``delete`` or ``truncate``.
        body: A PL/pgSQL block that reads ``old_rows`` and ``new_rows``.
        purpose: Tells apart the triggers of one table for one event; the event by default.
    """
    when = f"AFTER {event.upper()}"
    return _build_trigger(
        connection,
        name=name_trigger(table, purpose or event, digest_name(table)),
        table=table,
        when=when,
        referencing=TRANSITION_TABLES[event],
        settings=FUNCTION_SETTINGS.get(event, ""),
        body=body,
        bits=EVENT_BITS[event],
    )


def build_guard_trigger(connection: BaseDatabaseWrapper, *, table: str) -> Trigger:
    """Return a trigger that refuses to change, remove or truncate a table's rows."""
    return _build_trigger(
        connection,
        name=name_trigger(table, "guard", digest_name(table)),
        table=table,
        when="BEFORE UPDATE OR DELETE OR TRUNCATE",
        referencing="",
        settings="",
        body=GUARD_BODY,
        bits=GUARD_BITS,
    )


def _build_trigger(
    connection: BaseDatabaseWrapper,
    *,
    name: str,
    table: str,
    when: str,
    referencing: str,
    settings: str,
    body: str,
    bits: int,
) -> Trigger:
    quoted_name, quoted_table = connection.ops.quote_name(name), connection.ops.quote_name(table)
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted_name}() RETURNS trigger LANGUAGE plpgsql "
        f"{settings}AS $modernize${body}$modernize$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted_name} {when} ON {quoted_table} "
        f"{referencing}FOR EACH STATEMENT EXECUTE FUNCTION {quoted_name}()"
    )
    return Trigger(
        name=name, table=table, statements=(function, trigger), definition=f"{bits}:{body}"
    )


def read_columns(connection: BaseDatabaseWrapper, tables: Collection[str]) -> dict[str, set[str]]:
    """Return the columns of those of the tables that exist, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p') AND a.attnum > 0 "
            "AND NOT a.attisdropped AND pg_table_is_visible(c.oid)",
            [list(tables)],
        )
        columns: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            columns.setdefault(table, set()).add(column)
    return columns


def qualify_table(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return a table's quoted name with its schema, so that any ``search_path`` finds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class "
            "WHERE relname = %s AND pg_table_is_visible(oid)",
            [table],
        )
        (schema,) = cursor.fetchone()
    return f"{schema}.{connection.ops.quote_name(table)}"


def find_sequence(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return the sequence that numbers a table's rows, with its schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, 'id')", [connection.ops.quote_name(table)]
        )
        return str(cursor.fetchone()[0])


def prepare(connection: BaseDatabaseWrapper) -> bool:
    """Make what all triggers need, and tell whether it was missing: nothing is needed."""
    return False


def read_installed(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> list[InstalledTrigger]:
    """Return the managed triggers of some or of all tables, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgtype, p.prosrc, t.tgenabled FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND starts_with(t.tgname, %s) AND t.tgparentid = 0 "
            "AND pg_table_is_visible(c.oid) AND (%s OR c.relname = ANY(%s))",
            [TRIGGER_PREFIX, tables is None, list(tables or ())],
        )
        return [
            InstalledTrigger(
                name=name,
                table=table,
                definition=f"{kind}:{body}",
                # R fires on replicas only, D never.
                enabled=enabled in ("O", "A"),
            )
            for name, table, kind, body, enabled in cursor.fetchall()
        ]


def drop_statements(
    connection: BaseDatabaseWrapper, triggers: Iterable[InstalledTrigger]
) -> list[str]:
    """Return the SQL that drops triggers together with their functions."""
    quote = connection.ops.quote_name
    return [
        statement
        for trigger in triggers
        for statement in (
            f"DROP TRIGGER IF EXISTS {quote(trigger.name)} ON {quote(trigger.table)}",
            f"DROP FUNCTION IF EXISTS {quote(trigger.name)}()",
        )
    ]


class PostgreSQLDelivery:
    """Tells PostgreSQL the context of a write, for the length of its transaction.

    The settings are local to the transaction, so a pooler that hands the session to somebody else
    hands nothing over with it.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.delivered: Settings | None = None
        self.mode = WriteMode.RECORDED
        self._rendered: tuple[Any, Settings] = ((), ())

    def watch_driver(self) -> None:
        """Have a COPY, which Django's cursor hands to the driver as it is, carry the context."""
        driver = self.connection.connection
        if hasattr(driver, "cursor_factory") and hasattr(driver.cursor_factory, "copy"):
            driver.cursor_factory = make_copying_cursor(driver.cursor_factory, self)

    def look_at_transaction(self) -> None:
        """Notice that the transaction which was told a context is over.

        Django commits and rolls back without a statement that could be seen; what is seen is that
        the next one, a read as well, finds no transaction.
        """
        if self.delivered is not None and not self._in_transaction():
            self.delivered = None

    def begin(self) -> None:
        """Note that a transaction was opened."""
        self.delivered = None

    def forget(self) -> None:
        """Note that what was said may have been rolled back."""
        self.delivered = None

    def change_schema(self) -> None:
        """Note that tables came or went."""

    def read_transaction_id(self) -> int:
        """Return the number of the current transaction. Costs a query."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            return int(cursor.fetchone()[0])

    def forget_events(self) -> None:
        """Note that tables were emptied between two tests: there are no events of it."""

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

        Costs no statement where the transaction knows the context already; else the settings
        travel in the same message as the statement, or in one of its own where the driver binds
        parameters in the server.
        """
        settings = self._render(change)
        in_transaction = self._in_transaction()
        if in_transaction and settings is self.delivered:
            return execute(sql, params, many, context)
        self.delivered = None
        if isinstance(sql, str) and not many and sends_one_message(self.connection):
            result = self._execute_together(settings, execute, sql, params, context)
        elif in_transaction or not self.connection.get_autocommit():
            self._send(settings)
            result = execute(sql, params, many, context)
        else:
            with transaction.atomic(using=self.connection.alias):
                self._send(settings)
                result = execute(sql, params, many, context)
        if self._in_transaction():
            self.delivered = settings
        return result

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Open a transaction that knows the context, for what no execute wrapper sees."""
        with transaction.atomic(using=self.connection.alias):
            self._send(self._render(get_context()))
            yield
        self.delivered = None

    def _render(self, change: ChangeContext) -> Settings:
        """Return the settings for a context; the same object as long as nothing is different."""
        # The actor may be a callable that answers otherwise than before.
        key = (change, change.actor_id, change.actor_label, self.mode)
        rendered_key, settings = self._rendered
        if not settings or rendered_key[0] is not change or rendered_key[1:] != key[1:]:
            settings = render_settings(change, self.mode)
            self._rendered = (key, settings)
        return settings

    def _in_transaction(self) -> bool:
        return bool(transaction_status(self.connection) != IDLE)

    def _execute_together(
        self,
        settings: Settings,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        context: dict[str, Any],
    ) -> Any:
        calls = ", ".join(
            f"set_config('{name}', {quote_literal(value)}, true)" for name, value in settings
        )
        message = f"SELECT {calls}; "
        if params is not None:
            message = message.replace("%", "%%")
        result = execute(message + sql, params, False, context)
        show_next_result(driver_cursor(context))
        return result

    def _send(self, settings: Settings) -> None:
        calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
        with (
            self.connection.wrap_database_errors,
            self.connection.connection.cursor() as cursor,
        ):
            cursor.execute(f"SELECT {calls}", [text for pair in settings for text in pair])


def make_copying_cursor(factory: type[Any], delivery: PostgreSQLDelivery) -> type[Any]:
    """Return a class of psycopg cursors whose ``copy()`` tells the context first."""

    class CopyingCursor(factory):  # type: ignore[misc]
        """See https://www.psycopg.org/psycopg3/docs/basic/copy.html."""

        @contextmanager
        def copy(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            """Copy rows from or to the server."""
            with delivery.telling(), super().copy(*args, **kwargs) as rows:
                yield rows

    return CopyingCursor


def render_settings(change: ChangeContext, mode: WriteMode) -> Settings:
    """Return what PostgreSQL is told about a context, as names and values of settings."""
    values = change.to_dict()
    actor_id = values["actor_id"]
    details = [(values[name] or "").replace(CONTEXT_SEPARATOR, " ") for name in DETAILS]
    return (
        (
            CONTEXT_SETTING,
            f"{'' if actor_id is None else actor_id}{CONTEXT_SEPARATOR}{values['source']}",
        ),
        # What begins with the separator is no number of what was told.
        (DETAILS_SETTING, CONTEXT_SEPARATOR.join(["", *details]) if any(details) else ""),
        (MODE_SETTING, mode.value),
    )
