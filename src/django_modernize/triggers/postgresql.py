"""Triggers and context on PostgreSQL: functions per statement, a setting per transaction."""

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ..compat import driver_cursor, sends_one_message, show_next_result
from ..context import ChangeContext
from .declarations import TRIGGER_PREFIX, InstalledTrigger, Trigger, name_trigger
from .identifiers import digest_name, quote_literal

__all__ = ["PostgreSQLDelivery", "build_statement_trigger"]

CONTEXT_SETTING: Final = "django_modernize.context"

IDLE: Final = 0
"""libpq's PQTRANS_IDLE: the connection is in no transaction."""

EVENT_BITS: Final = {"insert": 4, "delete": 8, "update": 16}
"""pg_trigger.tgtype of a statement-level AFTER trigger."""

TRANSITION_TABLES: Final = {
    "insert": "NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}


def build_statement_trigger(
    connection: BaseDatabaseWrapper, *, table: str, event: str, body: str
) -> Trigger:
    """Return an AFTER trigger that runs once per statement, with the rows in transition tables.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        event: ``insert``, ``update`` or ``delete``.
        body: A PL/pgSQL block that reads ``old_rows`` and ``new_rows``.
    """
    name = name_trigger(table, event, digest_name(table))
    quoted_name, quoted_table = connection.ops.quote_name(name), connection.ops.quote_name(table)
    # A cached plan that loops over one row in the first update would be quadratic for the ten
    # thousand of a later one, so their join is always hashed. Nothing else joins.
    setting = "SET enable_nestloop = off " if event == "update" else ""
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted_name}() RETURNS trigger LANGUAGE plpgsql "
        f"{setting}AS $modernize${body}$modernize$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted_name} AFTER {event.upper()} ON {quoted_table} "
        f"REFERENCING {TRANSITION_TABLES[event]} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {quoted_name}()"
    )
    return Trigger(
        name=name,
        table=table,
        statements=(function, trigger),
        definition=f"{EVENT_BITS[event]}:{body}",
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

    The setting is local to the transaction, so a pooler that hands the session to somebody else
    hands nothing over with it.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.delivered: str | None = None

    def begin(self) -> None:
        """Note that a transaction was opened."""
        self.delivered = None

    def forget(self) -> None:
        """Note that what was said may have been rolled back."""
        self.delivered = None

    def change_schema(self) -> None:
        """Note that tables came or went."""

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

        Costs no statement where the transaction knows the context already; else the setting
        travels in the same message as the statement, or in one of its own where the driver binds
        parameters in the server.
        """
        payload = json.dumps(change.to_dict(), separators=(",", ":"))
        in_transaction = self._in_transaction()
        if in_transaction and payload == self.delivered:
            return execute(sql, params, many, context)
        self.delivered = None
        if isinstance(sql, str) and not many and sends_one_message(self.connection):
            result = self._execute_together(payload, execute, sql, params, context)
        elif in_transaction or not self.connection.get_autocommit():
            self._send(payload)
            result = execute(sql, params, many, context)
        else:
            with transaction.atomic(using=self.connection.alias):
                self._send(payload)
                result = execute(sql, params, many, context)
        if self._in_transaction():
            self.delivered = payload
        return result

    def _in_transaction(self) -> bool:
        return bool(self.connection.connection.info.transaction_status != IDLE)

    def _execute_together(
        self,
        payload: str,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        context: dict[str, Any],
    ) -> Any:
        setting = f"SELECT set_config('{CONTEXT_SETTING}', {quote_literal(payload)}, true); "
        if params is not None:
            setting = setting.replace("%", "%%")
        result = execute(setting + sql, params, False, context)
        show_next_result(driver_cursor(context))
        return result

    def _send(self, payload: str) -> None:
        with (
            self.connection.wrap_database_errors,
            self.connection.connection.cursor() as cursor,
        ):
            cursor.execute("SELECT set_config(%s, %s, true)", (CONTEXT_SETTING, payload))
