"""The format of the changes in an event: readable JSON text over which a proof can be made.

There are three shapes of JSON, distinguished by the types of their values:

* ``{"status":["open","done"]}``: the old and new value of each field that changed;
* ``{"new":{"status":"open"}}``: the values of a created row;
* ``{"old":{"status":"done"}}``: the values of a deleted row.

A single side is half as long, and a database writes it in one call. PostgreSQL writes the values of
a row as row text instead (:mod:`.row_texts`); older events are JSON.

Members are separated by :data:`SEPARATOR`. No JSON string can contain it (a line feed is escaped),
so the members of an event can be split and hashed without parsing. SQLite's JSON functions separate
the members of a single side by a bare comma; only in this case is the text parsed.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .row_texts import join_row, read_row, split_row

__all__ = [
    "ANY_BYTES",
    "ERASED",
    "SEPARATOR",
    "SIDES",
    "UNREADABLE",
    "is_layout",
    "join_members",
    "parse_changes",
    "read_changes",
    "render_changes",
    "split_members",
]

SEPARATOR: Final = ",\n "
"""The separator that PostgreSQL's ``row_to_json(row, true)`` puts between members."""

ANY_BYTES: Final = "surrogateescape"
"""The error handler with which bytes that are not UTF-8 survive a round trip through text."""

ERASED: Final = "[erased]"
"""The placeholder for an erased value."""

UNREADABLE: Final = "[unreadable]"
"""The field name under which an event's text is shown if it is not in a trigger's format."""

DECODER: Final = json.JSONDecoder()

SIDES: Final = ("new", "old")


def parse_changes(text: str | None) -> dict[str, list[Any]]:
    """Return ``{field name: [old, new]}`` from an event's text.

    For a created row, the old values are ``None``; for a deleted row, the new ones. A field that is
    ``None`` on both sides is omitted.
    """
    if not text:
        return {}
    row = None if text[0] == "{" else read_row(text)
    if row is not None:
        return row
    changes = json.loads(text)
    for side in SIDES:
        values = changes.get(side)
        if isinstance(values, dict):
            return {name: _pair(side, value) for name, value in values.items() if value is not None}
    return dict(changes)


def read_changes(text: str | None) -> dict[str, list[Any]]:
    """Return the result of :func:`parse_changes`, or the text itself if it cannot be parsed.

    A tampered event must not be able to hide the others by causing an error.
    """
    try:
        changes = parse_changes(text)
        if all(isinstance(pair, list) and len(pair) == 2 for pair in changes.values()):
            return changes
    except (AttributeError, RecursionError, TypeError, ValueError):
        pass
    return {UNREADABLE: [None, text]}


def render_changes(changes: Mapping[str, Any]) -> str:
    """Return the text of ``{field name: [old, new]}`` with JSON values."""
    return join_members(
        "", [f"{json.dumps(name)}:{_compact(value)}" for name, value in changes.items()]
    )


def split_members(text: str) -> tuple[str, list[str]]:
    """Return an event's side and its members, unparsed.

    The side is ``new``, ``old``, empty, or the layout if the members are the values of a row.
    """
    row = None if text.startswith("{") else split_row(text)
    if row is not None:
        return row
    for side in SIDES:
        opening = f'{{"{side}":{{'
        if text.startswith(opening):
            return side, _split_values(text[len(opening) : -2])
    return "", _split(text[1:-1])


def join_members(side: str, members: list[str]) -> str:
    """Return the text that :func:`split_members` split."""
    if is_layout(side):
        return join_row(side, members)
    body = "{" + SEPARATOR.join(members) + "}"
    return f'{{"{side}":{body}}}' if side else body


def is_layout(side: str) -> bool:
    """Return whether a side is the layout of a row, whose members are only values."""
    return " " in side


def _split(body: str) -> list[str]:
    return body.split(SEPARATOR) if body else []


def _split_values(body: str) -> list[str]:
    if SEPARATOR in body:
        return _split(body)
    try:
        return list(_scan_members(body))
    except (RecursionError, ValueError):
        # The event was tampered with, but still needs a digest.
        return [body]


def _scan_members(body: str) -> Iterator[str]:
    start = 0
    while start < len(body):
        _, colon = DECODER.raw_decode(body, start)
        _, end = DECODER.raw_decode(body, colon + 1)
        yield body[start:end]
        start = end + 1


def _pair(side: str, value: Any) -> list[Any]:
    return [None, value] if side == "new" else [value, None]


def _compact(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # No database accepts a lone surrogate in text, but it can be escaped.
    is_text = text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    return text if is_text else json.dumps(value, separators=(",", ":"))
