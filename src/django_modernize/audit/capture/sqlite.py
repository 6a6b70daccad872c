"""The audit triggers' SQL on SQLite: one event per row, put together by SQL functions alone."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.declarations import Trigger
from ...triggers.identifiers import quote_literal
from ...triggers.sqlite import SLOT_TABLE, build_row_trigger
from .tables import MASK, CaptureTable, RecordedColumn

__all__ = ["build_triggers"]

LARGEST_FLOAT: Final = "1.7976931348623157e308"

# SQLite lets any column hold a BLOB, which its JSON functions refuse.
PLAIN: Final = "CASE typeof({0}) WHEN 'blob' THEN json_quote(hex({0})) ELSE json_quote({0}) END"

JSON_TEXT: Final = {
    "BinaryField": "CASE WHEN {0} IS NULL THEN 'null' ELSE json_quote(lower(hex({0}))) END",
    "BooleanField": f"CASE {{0}} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE {PLAIN} END",
    # A JSON number would come back as a float.
    "DecimalField": "json_quote(CAST({0} AS text))",
    # SQLite's own JSON keeps 15 of a float's 17 digits, and JSON has no infinity.
    "FloatField": f"CASE WHEN typeof({{0}}) <> 'real' THEN {PLAIN}"
    f" WHEN abs({{0}}) > {LARGEST_FLOAT} THEN json_quote(CAST({{0}} AS text))"
    " ELSE printf('%!.17g', {0}) END",
    "JSONField": "CASE WHEN json_valid({0}) THEN {0} ELSE " + PLAIN + " END",
}
"""Field type to SQL that gives the value as JSON text."""

MASKED_JSON: Final = quote_literal(f'"{MASK}"')


def build_triggers(connection: BaseDatabaseWrapper, table: CaptureTable) -> Iterator[Trigger]:
    """Return the triggers for insert, update and delete."""
    for event, old, new in (("insert", "", "NEW"), ("delete", "OLD", ""), ("update", "OLD", "NEW")):
        yield build_row_trigger(
            connection,
            table=table.table,
            event=event,
            condition=_row_differs(connection, table) if event == "update" else "",
            body=_insert_event(connection, table, old, new),
        )


def _insert_event(connection: BaseDatabaseWrapper, table: CaptureTable, old: str, new: str) -> str:
    quote = connection.ops.quote_name
    members = " || ".join(_member(connection, column, old, new) for column in table.columns)
    return (
        f"INSERT INTO {table.event_table} (created_at, object_type, object_id, action,"
        " changes, actor_id, actor_label, source, reason, request_id, ip_address, user_agent,"
        " transaction_id) "
        f"SELECT {_now()}, {quote_literal(table.label)},"
        f" CAST({new or old}.{quote(table.primary_key)} AS text),"
        f" {_action(connection, table, old, new)},"
        # The first member's comma is cut off.
        f" '{{' || substr({members or quote_literal('')}, 2) || '}}',"
        " slot.actor_id, coalesce(slot.actor_label, ''), coalesce(slot.source, 'database'),"
        " coalesce(slot.reason, ''), slot.request_id, slot.ip_address,"
        " coalesce(slot.user_agent, ''), slot.transaction_id"
        f" FROM (SELECT 1) LEFT JOIN {quote(SLOT_TABLE)} AS slot ON slot.slot = 1"
    )


def _now() -> str:
    # Six digits as Django writes them, so that text compares as time does.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def _action(connection: BaseDatabaseWrapper, table: CaptureTable, old: str, new: str) -> str:
    if not (old and new):
        return "'create'" if new else "'delete'"
    if table.deletion_column is None:
        return "'update'"
    marker = connection.ops.quote_name(table.deletion_column)
    return (
        f"CASE WHEN OLD.{marker} IS NULL AND NEW.{marker} IS NOT NULL THEN 'soft_delete'"
        f" WHEN OLD.{marker} IS NOT NULL AND NEW.{marker} IS NULL THEN 'restore'"
        " ELSE 'update' END"
    )


def _member(connection: BaseDatabaseWrapper, column: RecordedColumn, old: str, new: str) -> str:
    """Return SQL for ``,"name":[old,new]``, empty text where there is nothing to tell."""
    name = connection.ops.quote_name(column.column)
    before = _json_text(column, f"{old}.{name}") if old else "'null'"
    after = _json_text(column, f"{new}.{name}") if new else "'null'"
    condition = (
        f"{old}.{name} IS NOT {new}.{name}" if old and new else f"{new or old}.{name} IS NOT NULL"
    )
    label = quote_literal(f',"{column.name}":[')
    return f"CASE WHEN {condition} THEN {label} || {before} || ',' || {after} || ']' ELSE '' END"


def _json_text(column: RecordedColumn, value: str) -> str:
    if column.is_masked:
        return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {MASKED_JSON} END"
    if column.kind == "DateTimeField" and settings.USE_TZ:
        return f"json_quote(replace({value}, ' ', 'T') || '+00:00')"
    return JSON_TEXT.get(column.kind, PLAIN).replace("{0}", value)


def _row_differs(connection: BaseDatabaseWrapper, table: CaptureTable) -> str:
    names = [connection.ops.quote_name(column.column) for column in table.columns]
    return " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in names) or "0"
