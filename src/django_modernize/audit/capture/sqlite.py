"""The SQL of the audit triggers on SQLite: one event per row, built only with SQL functions."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.declarations import Trigger, WriteMode
from ...triggers.identifiers import digest_name, quote_literal
from ...triggers.sqlite import build_guard_triggers, build_row_trigger
from ...triggers.sqlite_slot import DETAILS, SLOT_TABLE, render_told
from ..changes import SEPARATOR
from .sqlite_values import json_text, json_value
from .tables import CaptureLink, CaptureTable, EventTables, RecordedColumn

__all__ = ["build_guards", "build_link_triggers", "build_support", "build_triggers"]

SALT: Final = "randomblob(16)"

KEEP_DETAILS: Final = f"""INSERT OR IGNORE INTO {{contexts}}
 (id, {", ".join(DETAILS)}, salt)
 SELECT OLD.context_id, {", ".join(f"OLD.{name}" for name in DETAILS)}, {SALT}
 WHERE EXISTS (SELECT 1 FROM {{events}} WHERE context_id = OLD.context_id)"""


def build_support(
    connection: BaseDatabaseWrapper, events: EventTables, columns: Mapping[str, Collection[str]]
) -> Iterator[Trigger]:
    """Yield the trigger that stores the details of a context when the slot is emptied.

    Nothing is stored for a statement that recorded no event.
    """
    if SLOT_TABLE in columns:
        yield build_row_trigger(
            connection,
            table=SLOT_TABLE,
            event="delete",
            condition="OLD.context_id IS NOT NULL",
            body=KEEP_DETAILS.format(contexts=events.contexts, events=events.events),
        )


def build_guards(connection: BaseDatabaseWrapper, table: str) -> Iterator[Trigger]:
    """Yield the triggers that keep a table of the trail append-only."""
    yield from build_guard_triggers(connection, table=table)


def build_triggers(
    connection: BaseDatabaseWrapper, table: CaptureTable, events: EventTables
) -> Iterator[Trigger]:
    """Yield the triggers of a tracked table."""
    for event, action, row in (("insert", "create", "NEW"), ("delete", "delete", "OLD")):
        yield build_row_trigger(
            connection,
            table=table.table,
            event=event,
            body=_insert_event(
                events, table.label, _key(table, row), f"'{action}'", _values(table, row)
            ),
        )
    yield build_row_trigger(
        connection,
        table=table.table,
        event="update",
        condition=_row_differs(table, table.columns),
        body=_insert_event(
            events, table.label, _key(table, "NEW"), _action(table), _differences(table)
        ),
    )


def build_link_triggers(
    connection: BaseDatabaseWrapper, link: CaptureLink, events: EventTables
) -> Iterator[Trigger]:
    """Yield the triggers of a many-to-many table, with one event per link."""
    added, removed = _insert_link(link, events, "NEW"), _insert_link(link, events, "OLD")
    moved = " OR ".join(
        f"OLD.{_quote(end.column)} IS NOT NEW.{_quote(end.column)}"
        for end in (link.owner, link.target)
    )
    purpose = digest_name(f"{link.label}.{link.name}")
    for event, condition, body in (
        ("insert", "", added),
        ("delete", "", removed),
        ("update", moved, f"{removed}; {added}"),
    ):
        yield build_row_trigger(
            connection,
            table=link.table,
            event=event,
            purpose=f"{event}_{purpose}",
            condition=condition,
            body=body,
        )


def _insert_event(events: EventTables, label: str, key: str, action: str, changes: str) -> str:
    return (
        f"INSERT INTO {events.events} (created_at, transaction_id, context_id, actor_id, source,"
        " object_type, object_id, action, changes)"
        f" SELECT coalesce({render_told('event_at')}, {_now()}), {render_told('transaction_id')},"
        f" {render_told('context_id')}, {render_told('actor_id')},"
        f" coalesce({render_told('source')}, 'database'),"
        f" {quote_literal(label)}, {key}, {action}, {changes}"
        f" FROM (SELECT 1) LEFT JOIN {_quote(SLOT_TABLE)} AS slot ON slot.slot = 1"
        f" WHERE slot.mode IS NOT {quote_literal(WriteMode.UNTRACKED)}"
    )


def _insert_link(link: CaptureLink, events: EventTables, row: str) -> str:
    action = "m2m_add" if row == "NEW" else "m2m_remove"
    before, after = ("[null,[", "]]}") if row == "NEW" else ("[[", "],null]}")
    opening = quote_literal("{" + json.dumps(link.name) + ":" + before)
    target = json_text(link.target, f"{row}.{_quote(link.target.column)}")
    return _insert_event(
        events,
        link.label,
        _key_text(link.owner, f"{row}.{_quote(link.owner.column)}"),
        f"'{action}'",
        f"{opening} || {target} || '{after}'",
    )


def _now() -> str:
    # Six digits as Django writes them, so that text compares as time does.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def _values(table: CaptureTable, row: str) -> str:
    """Return SQL for all values of a created or deleted row."""
    side = "new" if row == "NEW" else "old"
    first, *others = [
        [(column.name, json_value(column, f"{row}.{_quote(column.column)}")) for column in columns]
        for columns in table.cut_columns()
    ]
    members = (f"{quote_literal(name)}, {value}" for name, value in first)
    values = f"json_object({', '.join(members)})"
    for columns in others:
        paths = (f"{quote_literal('$.' + _quote(name))}, {value}" for name, value in columns)
        values = f"json_insert({values}, {', '.join(paths)})"
    return f"""'{{"{side}":' || {values} || '}}'"""


def _differences(table: CaptureTable) -> str:
    """Return SQL for the old and new values that differ."""
    # One call for all, since each || copies what it is given; NULL gives nothing.
    members = " || ".join(
        f"printf({', '.join((quote_literal('%s' * len(columns)), *map(_member, columns)))})"
        for columns in table.cut_columns()
    )
    # Remove the separator before the first member.
    return f"'{{' || substr({members}, {len(SEPARATOR) + 1}) || '}}'"


def _member(column: RecordedColumn) -> str:
    old, new = (f"{row}.{_quote(column.column)}" for row in ("OLD", "NEW"))
    opening = quote_literal(SEPARATOR + json.dumps(column.name) + ":")
    pair = f"json_array({json_value(column, old)}, {json_value(column, new)})"
    return f"CASE WHEN {old} IS NOT {new} THEN {opening} || {pair} END"


def _key(table: CaptureTable, row: str) -> str:
    """Return SQL for the key as text, a composite one as a JSON list."""
    columns = [(key, f"{row}.{_quote(key.column)}") for key in table.keys]
    if len(columns) == 1:
        return _key_text(*columns[0])
    return f"json_array({', '.join(_key_part(key, value) for key, value in columns)})"


def _key_text(key: RecordedColumn, value: str) -> str:
    return _uuid_text(value) if key.kind == "UUIDField" else f"CAST({value} AS text)"


def _key_part(key: RecordedColumn, value: str) -> str:
    return _uuid_text(value) if key.kind == "UUIDField" else value


def _uuid_text(value: str) -> str:
    """Django stores a UUID without its hyphens."""
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({value}, {start}, {size})" for start, size in parts)


def _action(table: CaptureTable) -> str:
    if table.deletion_column is None:
        return "'update'"
    marker = _quote(table.deletion_column)
    return (
        f"CASE WHEN OLD.{marker} IS NULL AND NEW.{marker} IS NOT NULL THEN 'soft_delete'"
        f" WHEN OLD.{marker} IS NOT NULL AND NEW.{marker} IS NULL THEN 'restore'"
        " ELSE 'update' END"
    )


def _row_differs(table: CaptureTable, columns: Collection[RecordedColumn]) -> str:
    names = [_quote(column.column) for column in columns]
    return " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in names) or "0"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
