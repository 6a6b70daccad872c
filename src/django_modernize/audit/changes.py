"""How changes stand in an event: JSON text that a person can read and a proof can be made over.

Three shapes of JSON, which their types tell apart:

* ``{"status":["open","done"]}``: old and new of each field that changed;
* ``{"new":{"status":"open"}}``: the values of a row that was created;
* ``{"old":{"status":"done"}}``: the values of a row that is gone.

One side alone is half as long, and a database writes it in one call. PostgreSQL writes the values
of a row as the text of a row instead (:mod:`.row_texts`); events from before that are JSON.

Between two members stands :data:`SEPARATOR`. No JSON string can contain it (a line feed is escaped
in one), so the members of an event can be told apart, and hashed, without parsing it. SQLite's JSON
functions put a bare comma between the members of one side; there, and only there, the text is
parsed.
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
"""What PostgreSQL's ``row_to_json(row, true)`` puts between two members."""

ANY_BYTES: Final = "surrogateescape"
"""How bytes that are no UTF-8 become text that can become the same bytes again."""

ERASED: Final = "[erased]"
"""What stands in place of a value that was erased."""

UNREADABLE: Final = "[unreadable]"
"""The name of the only field of an event whose text is none that a trigger wrote."""

DECODER: Final = json.JSONDecoder()

SIDES: Final = ("new", "old")


def parse_changes(text: str | None) -> dict[str, list[Any]]:
    """Return ``{field name: [old, new]}`` from an event's text.

    The values of a created row have ``None`` as old, those of a deleted one as new. A field that
    is ``None`` on both sides has nothing to tell and is left out.
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
    """Return what :func:`parse_changes` does, and the text itself where it cannot be parsed.

    Whoever edits an event must not be able to hide the others behind an error.
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
    """Return an event's side and its members as they stand there.

    The side is ``new``, ``old`` or empty; where the members are the values of a row, its layout.
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
    """Return the text that :func:`split_members` took apart."""
    if is_layout(side):
        return join_row(side, members)
    body = "{" + SEPARATOR.join(members) + "}"
    return f'{{"{side}":{body}}}' if side else body


def is_layout(side: str) -> bool:
    """Return whether a side is the layout of a row, so that its members are values alone."""
    return " " in side


def _split(body: str) -> list[str]:
    return body.split(SEPARATOR) if body else []


def _split_values(body: str) -> list[str]:
    if SEPARATOR in body:
        return _split(body)
    try:
        return list(_scan_members(body))
    except (RecursionError, ValueError):
        # Somebody edited it, and it has to have a digest all the same.
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
    # Half a surrogate pair is no text that a database takes, but can be escaped.
    is_text = text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    return text if is_text else json.dumps(value, separators=(",", ":"))
