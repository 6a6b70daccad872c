"""The audit triggers' SQL on PostgreSQL: one ``INSERT ... SELECT`` per statement.

The changes are put together as text and cast once: joining a JSON object per column costs several
times as much.
"""

from collections.abc import Iterator
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.declarations import Trigger
from ...triggers.identifiers import quote_literal
from ...triggers.postgresql import CONTEXT_SETTING, build_statement_trigger
from .tables import MASK, CaptureTable, RecordedColumn

__all__ = ["build_triggers"]

JSON_TEXT: Final = {
    "BinaryField": "to_json(encode({0}, 'hex'))::text",
    # A JSON number would come back as a float.
    "DecimalField": "to_json({0}::text)::text",
    "DurationField": "(extract(epoch FROM {0}) * 1000000)::bigint::text",
}
"""Field type to SQL that gives the value as JSON text."""

TYPES_WITHOUT_EQUALITY: Final = frozenset({"json", "xml", "point", "polygon", "line", "path"})

MASKED_JSON: Final = quote_literal(f'"{MASK}"')


def build_triggers(connection: BaseDatabaseWrapper, table: CaptureTable) -> Iterator[Trigger]:
    """Return the triggers for insert, update and delete."""
    quote = connection.ops.quote_name
    key = quote(table.primary_key)
    selects = {
        "insert": _select_rows(connection, table, old=None, new="n") + " FROM new_rows n",
        "delete": _select_rows(connection, table, old="o", new=None) + " FROM old_rows o",
        "update": _select_rows(connection, table, old="o", new="n")
        + f" FROM old_rows o FULL JOIN new_rows n ON o.{key} = n.{key}"
        + f" WHERE {_row_differs(connection, table)}",
    }
    for event, select in selects.items():
        body = _function_body(table, select)
        yield build_statement_trigger(connection, table=table.table, event=event, body=body)


def _function_body(table: CaptureTable, select: str) -> str:
    # Without the directive a column of the same name would be ambiguous and fail the write.
    return f"""
#variable_conflict use_variable
DECLARE
  context jsonb := nullif(current_setting('{CONTEXT_SETTING}', true), '')::jsonb;
  event_at timestamptz := clock_timestamp();
  event_actor {table.actor_type} := (context ->> 'actor_id')::{table.actor_type};
  event_label text := coalesce(context ->> 'actor_label', session_user);
  event_source text := coalesce(context ->> 'source', 'database');
  event_reason text := coalesce(context ->> 'reason', '');
  event_request uuid := (context ->> 'request_id')::uuid;
  event_address inet := (context ->> 'ip_address')::inet;
  event_agent text := coalesce(context ->> 'user_agent', current_setting('application_name'));
  event_transaction bigint := pg_current_xact_id()::text::bigint;
BEGIN
  INSERT INTO {table.event_table}
    (created_at, object_type, object_id, action, changes, actor_id, actor_label, source, reason,
     request_id, ip_address, user_agent, transaction_id)
  {select};
  RETURN NULL;
END
"""


def _select_rows(
    connection: BaseDatabaseWrapper, table: CaptureTable, *, old: str | None, new: str | None
) -> str:
    key = connection.ops.quote_name(table.primary_key)
    key_value = f"coalesce(n.{key}, o.{key})" if old and new else f"{new or old}.{key}"
    members = ", ".join(_member(connection, column, old, new) for column in table.columns)
    return (
        f"SELECT event_at, {quote_literal(table.label)}, {key_value}::text,"
        f" {_action(connection, table, old, new)},"
        f" ('{{' || concat_ws(',', {members or 'NULL'}) || '}}')::jsonb, event_actor, event_label,"
        " event_source, event_reason, event_request, event_address, event_agent, event_transaction"
    )


def _action(
    connection: BaseDatabaseWrapper, table: CaptureTable, old: str | None, new: str | None
) -> str:
    if not (old and new):
        return "'create'" if new else "'delete'"
    key = connection.ops.quote_name(table.primary_key)
    # A row whose primary key changed is one row less and another one more.
    moved = f"WHEN {old}.{key} IS NULL THEN 'create' WHEN {new}.{key} IS NULL THEN 'delete'"
    if table.deletion_column is None:
        return f"CASE {moved} ELSE 'update' END"
    marker = connection.ops.quote_name(table.deletion_column)
    return (
        f"CASE {moved} WHEN {old}.{marker} IS NULL AND {new}.{marker} IS NOT NULL"
        f" THEN 'soft_delete' WHEN {old}.{marker} IS NOT NULL AND {new}.{marker} IS NULL"
        " THEN 'restore' ELSE 'update' END"
    )


def _member(
    connection: BaseDatabaseWrapper, column: RecordedColumn, old: str | None, new: str | None
) -> str:
    """Return SQL for ``"name":[old,new]``, NULL where there is nothing to tell."""
    name = connection.ops.quote_name(column.column)
    before = _json_text(column, f"{old}.{name}") if old else "'null'"
    after = _json_text(column, f"{new}.{name}") if new else "'null'"
    label = quote_literal(f'"{column.name}":[')
    if not (old and new):
        # NULL in a concatenation makes the whole NULL, which concat_ws leaves out.
        return f"{label} || {before} || ',' || {after} || ']'"
    return (
        f"CASE WHEN {_differs(column, f'{old}.{name}', f'{new}.{name}')} THEN {label}"
        f" || coalesce({before}, 'null') || ',' || coalesce({after}, 'null') || ']' END"
    )


def _json_text(column: RecordedColumn, value: str) -> str:
    if column.is_masked:
        return f"CASE WHEN {value} IS NOT NULL THEN {MASKED_JSON} END"
    return JSON_TEXT.get(column.kind, "to_json({0})::text").format(value)


def _differs(column: RecordedColumn, old: str, new: str) -> str:
    return f"{_comparable(column, old)} IS DISTINCT FROM {_comparable(column, new)}"


def _comparable(column: RecordedColumn, value: str) -> str:
    return f"{value}::text" if column.database_type in TYPES_WITHOUT_EQUALITY else value


def _row_differs(connection: BaseDatabaseWrapper, table: CaptureTable) -> str:
    quote = connection.ops.quote_name
    if not table.columns:
        return "false"
    old, new = (
        ", ".join(_comparable(column, f"{row}.{quote(column.column)}") for column in table.columns)
        for row in ("o", "n")
    )
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"
