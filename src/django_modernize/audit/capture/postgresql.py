"""The SQL of the audit triggers on PostgreSQL: one ``INSERT ... SELECT`` per statement.

Changes are built as text: merging a JSON object per column costs several times as much, and a JSON
column would not preserve the text as written.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.declarations import Trigger, WriteMode
from ...triggers.identifiers import digest_name, quote_literal
from ...triggers.postgresql import build_guard_trigger, build_statement_trigger
from ...triggers.postgresql_delivery import TOLD_MODE
from ..changes import render_changes
from ..masking import HashSecret, MaskKind
from ..row_texts import render_layout
from .postgresql_body import render_body
from .postgresql_values import json_text, json_value, row_value
from .tables import CaptureLink, CaptureTable, EventTables, RecordedColumn

__all__ = ["build_guards", "build_link_triggers", "build_support", "build_triggers"]

SEPARATOR: Final = "E',\\n '"
"""As :data:`..changes.SEPARATOR`."""

TYPES_WITHOUT_EQUALITY: Final = frozenset({"json", "xml", "point", "polygon", "line", "path"})

# A row whose key changed is recorded as one deleted and one created row.
MOVED: Final = "CASE WHEN {old} IS NULL THEN 'create' WHEN {new} IS NULL THEN 'delete' "


def build_support(
    connection: BaseDatabaseWrapper, events: EventTables, columns: Mapping[str, Collection[str]]
) -> Iterable[Trigger]:
    """Return nothing: the triggers need no supporting ones."""
    return ()


def build_guards(connection: BaseDatabaseWrapper, table: str) -> Iterator[Trigger]:
    """Return the triggers that keep a table of the trail append-only."""
    yield build_guard_trigger(connection, table=table)


def build_triggers(
    connection: BaseDatabaseWrapper, table: CaptureTable, events: EventTables
) -> Iterator[Trigger]:
    """Return the triggers of a tracked table."""
    selects = {
        "insert": _select_values(connection, table, "new"),
        "delete": _select_values(connection, table, "old"),
        "update": _select_differences(connection, table),
        "truncate": _select_truncation(table.label, ""),
    }
    for event, select in selects.items():
        secret = _find_secret(events, table.columns) if event != "truncate" else None
        yield build_statement_trigger(
            connection,
            table=table.table,
            event=event,
            body=render_body(events, [select], secret),
            private_path=secret.search_path if secret else "",
            # The format of times in the text of a row depends on the session.
            is_uniform=event in ("insert", "delete"),
        )


def build_link_triggers(
    connection: BaseDatabaseWrapper, link: CaptureLink, events: EventTables
) -> Iterator[Trigger]:
    """Return the triggers of a many-to-many table, with one event per owner and statement."""
    ends = ", ".join(connection.ops.quote_name(end.column) for end in (link.owner, link.target))
    old, new = f"SELECT {ends} FROM old_rows", f"SELECT {ends} FROM new_rows"
    selects = {
        "insert": [_select_links(connection, link, "m2m_add", new)],
        "delete": [_select_links(connection, link, "m2m_remove", old)],
        # Other columns of a link do not concern its owner, so only its two keys are compared.
        "update": [
            _select_links(connection, link, "m2m_remove", f"{old} EXCEPT {new}"),
            _select_links(connection, link, "m2m_add", f"{new} EXCEPT {old}"),
        ],
        "truncate": [_select_truncation(link.label, link.name)],
    }
    purpose = digest_name(f"{link.label}.{link.name}")
    for event, parts in selects.items():
        secret = _find_secret(events, [link.target]) if event != "truncate" else None
        yield build_statement_trigger(
            connection,
            table=link.table,
            event=event,
            purpose=f"{event}_{purpose}",
            body=render_body(events, parts, secret),
            private_path=secret.search_path if secret else "",
        )


def _find_secret(events: EventTables, columns: Iterable[RecordedColumn]) -> HashSecret | None:
    """Return the location of the hash key, if any of the columns is hashed."""
    hashes = any(column.mask is MaskKind.HASH for column in columns)
    return events.secret if hashes else None


def _select_truncation(label: str, name: str) -> str:
    """Return the query for a truncated table, unless the trail is truncated with it."""
    changes = quote_literal(render_changes({name: [None, None]}) if name else "")
    return (
        f"SELECT {quote_literal(label)}, '', 'truncate', {changes}"
        f" WHERE {TOLD_MODE} IS DISTINCT FROM '{WriteMode.UNLOCKED}'"
    )


def _select_values(connection: BaseDatabaseWrapper, table: CaptureTable, side: str) -> str:
    """Return the query for created or deleted rows, with all their values."""
    quote = connection.ops.quote_name
    action = "create" if side == "new" else "delete"
    key = _key(connection, table, "r")
    values = [
        row_value(column, f"r.{quote(column.column)}", label=table.label, key=key)
        for column in table.columns
    ]
    layout = render_layout(
        side, [(column.name, kind) for column, (_, kind) in zip(table.columns, values, strict=True)]
    )
    return (
        f"SELECT {quote_literal(table.label)}, {key}, '{action}',"
        f" {quote_literal(layout)} || ROW({', '.join(value for value, _ in values)})::text"
        f" FROM {side}_rows r"
    )


def _select_differences(connection: BaseDatabaseWrapper, table: CaptureTable) -> str:
    """Return the query for rows that changed, with the old and new values that differ."""
    quote = connection.ops.quote_name
    same_row = " AND ".join(f"o.{quote(key.column)} = n.{quote(key.column)}" for key in table.keys)
    return (
        f"SELECT {quote_literal(table.label)}, object_key, object_action, '{{' || members || '}}'"
        f" FROM (SELECT coalesce({_key(connection, table, 'n')}, {_key(connection, table, 'o')})"
        f" AS object_key, {_action(connection, table)} AS object_action,"
        f" {_join_members(connection, table)} AS members"
        # Without OFFSET the planner would build the members twice, to filter and to insert.
        f" FROM old_rows o FULL JOIN new_rows n ON {same_row} OFFSET 0) c WHERE members <> ''"
    )


def _join_members(connection: BaseDatabaseWrapper, table: CaptureTable) -> str:
    """Return SQL for the concatenated old and new values that differ."""
    joined = []
    for columns in table.cut_columns():
        members = [_member(connection, table, column) for column in columns] or ["NULL"]
        joined.append(f"concat_ws({', '.join((SEPARATOR, *members))})")
    if len(joined) == 1:
        return joined[0]
    parts = ", ".join(f"nullif({part}, '')" for part in joined)
    return f"concat_ws({SEPARATOR}, {parts})"


def _select_links(
    connection: BaseDatabaseWrapper, link: CaptureLink, action: str, rows: str
) -> str:
    """Return the query for created or deleted links, with one event per owner."""
    quote = connection.ops.quote_name
    owner = f"r.{quote(link.owner.column)}"
    target = json_text(
        link.target,
        f"r.{quote(link.target.column)}",
        label=link.label,
        key=f"{owner}::text",
    )
    before, after = ("[null,[", "]]}") if action == "m2m_add" else ("[[", "],null]}")
    opening = quote_literal("{" + json.dumps(link.name) + ":" + before)
    return (
        f"SELECT {quote_literal(link.label)}, {owner}::text, '{action}',"
        f" {opening} || string_agg({target}, ',') || '{after}' FROM ({rows}) r GROUP BY {owner}"
    )


def _key(connection: BaseDatabaseWrapper, table: CaptureTable, row: str) -> str:
    """Return SQL for the key as text, a JSON list if composite, or NULL if there is no row."""
    columns = [f"{row}.{connection.ops.quote_name(key.column)}" for key in table.keys]
    if len(columns) == 1:
        return f"{columns[0]}::text"
    parts = " || ',' || ".join(f"to_json({column})::text" for column in columns)
    return f"'[' || {parts} || ']'"


def _action(connection: BaseDatabaseWrapper, table: CaptureTable) -> str:
    key = connection.ops.quote_name(table.keys[0].column)
    moved = MOVED.format(old=f"o.{key}", new=f"n.{key}")
    if table.deletion_column is None:
        return f"{moved}ELSE 'update' END"
    marker = connection.ops.quote_name(table.deletion_column)
    return (
        f"{moved}WHEN o.{marker} IS NULL AND n.{marker} IS NOT NULL THEN 'soft_delete'"
        f" WHEN o.{marker} IS NOT NULL AND n.{marker} IS NULL THEN 'restore' ELSE 'update' END"
    )


def _member(connection: BaseDatabaseWrapper, table: CaptureTable, column: RecordedColumn) -> str:
    """Return SQL for ``"name":[old, new]``, or NULL if the two are equal."""
    name = connection.ops.quote_name(column.column)
    old, new = (
        json_value(column, f"{row}.{name}", label=table.label, key=_key(connection, table, row))
        for row in ("o", "n")
    )
    before, after = (_comparable(column, f"{row}.{name}") for row in ("o", "n"))
    opening = quote_literal(json.dumps(column.name) + ":")
    # The fewer parts it has, the less it costs to make the plan ready for each statement.
    return (
        f"CASE WHEN {before} IS DISTINCT FROM {after}"
        f" THEN {opening} || json_build_array({old}, {new})::text END"
    )


def _comparable(column: RecordedColumn, value: str) -> str:
    return f"{value}::text" if column.database_type in TYPES_WITHOUT_EQUALITY else value
