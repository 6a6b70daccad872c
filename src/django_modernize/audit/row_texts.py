"""The values of a row that came or went, as PostgreSQL itself writes a row.

``old id:j,title:s(5,"War, and peace")`` is how a deleted row stands in an event there: the side,
the fields in their order, and the text that PostgreSQL has for a row of such values. To write it
takes half of what JSON takes, since nothing is looked up and hardly anything escaped. Behind each
field stands what its text is (:class:`RowKind`), so that an event tells its values by itself,
whatever has become of the model.
"""

import json
import re
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

__all__ = [
    "RowKind",
    "join_row",
    "parse_layout",
    "quote_value",
    "read_row",
    "render_layout",
    "split_row",
]

SIDE: Final = re.compile(r"(?:old|new) (?:[^\W\d]\w*:[a-z],?)*")

VALUE: Final = re.compile(r'("[^"\\]*(?:(?:""|\\\\)[^"\\]*)*"|[^",()\\]*)(?:,|\)\Z)')
"""One value: between quotation marks, where they and backslashes are doubled, or as it is."""

CHARACTERS_TO_QUOTE: Final = re.compile(r'[\s",()\\]')


class RowKind(StrEnum):
    """What the text of a value is."""

    STRING = "s"
    JSON = "j"
    BOOLEAN = "b"
    MOMENT = "t"
    """A time in UTC, as PostgreSQL writes it in its ISO style."""


class RowLayout(NamedTuple):
    """Which values a row has."""

    side: str
    """``old`` or ``new``."""

    fields: tuple[tuple[str, str], ...]
    """The name and the kind of each."""


def render_layout(side: str, fields: list[tuple[str, RowKind]]) -> str:
    """Return what stands before the values.

    >>> render_layout("old", [("id", RowKind.JSON), ("title", RowKind.STRING)])
    'old id:j,title:s'
    """
    return f"{side} " + ",".join(f"{name}:{kind}" for name, kind in fields)


@lru_cache(maxsize=1024)
def parse_layout(text: str) -> RowLayout | None:
    """Return the layout that :func:`render_layout` wrote; ``None`` if the text is none."""
    if SIDE.fullmatch(text) is None:
        return None
    side, _, fields = text.partition(" ")
    pairs = (field.rpartition(":") for field in fields.split(",") if field)
    return RowLayout(side, tuple((name, kind) for name, _, kind in pairs))


def split_row(text: str) -> tuple[str, list[str]] | None:
    """Return an event's layout and its values as they stand there; ``None`` if it is no row.

    >>> split_row('old id:j,title:s(5,"War, and peace")')
    ('old id:j,title:s', ['5', '"War, and peace"'])
    """
    row = _split(text)
    return None if row is None else (row[0], row[2])


def _split(text: str) -> tuple[str, RowLayout, list[str]] | None:
    written, opening, body = text.partition("(")
    layout = parse_layout(written) if opening else None
    if layout is None:
        return None
    values = VALUE.findall(body) if '"' in body else body.removesuffix(")").split(",")
    count = len(layout.fields)
    if values == [""] and not count:
        values = []
    # What was not written by a trigger has to be told from what was, to the last character.
    if len(values) != count or join_row(written, values) != text:
        return None
    return written, layout, values


def join_row(layout: str, values: list[str]) -> str:
    """Return the text that :func:`split_row` took apart."""
    return f"{layout}({','.join(values)})"


def read_row(text: str) -> dict[str, list[Any]] | None:
    """Return ``{field name: [old, new]}`` with JSON values; ``None`` if the text is no row.

    >>> read_row('new id:j,title:s,pages:j(5,"War, and peace",)')
    {'id': [None, 5], 'title': [None, 'War, and peace']}
    """
    row = _split(text)
    if row is None:
        return None
    _, (side, fields), values = row
    changes = {}
    for (name, kind), written in zip(fields, values, strict=True):
        value = _read_value(written, kind)
        if value is not None:
            changes[name] = [None, value] if side == "new" else [value, None]
    return changes


def quote_value(text: str) -> str:
    """Return a text as a row's text holds it.

    >>> print(quote_value("a, b"), quote_value("plain"))
    "a, b" plain
    """
    if text and CHARACTERS_TO_QUOTE.search(text) is None:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'


def _read_value(written: str, kind: str) -> Any:
    if not written:
        return None
    text = written
    if written[0] == '"':
        text = written[1:-1].replace('""', '"').replace("\\\\", "\\")
    if kind == RowKind.STRING:
        return text
    if kind == RowKind.MOMENT:
        return _read_moment(text)
    if kind == RowKind.BOOLEAN:
        return {"t": True, "f": False}.get(text, text)
    try:
        return json.loads(text)
    except ValueError:
        # It was erased, or the column is of another type than its field says.
        return text


def _read_moment(text: str) -> str:
    """Return a time as PostgreSQL's JSON has it."""
    moment, blank, era = text.partition(" BC")
    day, middle, clock = moment.partition(" ")
    if not middle or not clock.endswith("+00"):
        return text
    return f"{day}T{clock}:00{blank}{era}"
