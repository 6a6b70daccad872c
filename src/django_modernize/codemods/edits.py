"""Edit source text at places located by the syntax tree, preserving every other byte.

The standard library's ``ast`` is sufficient: names are replaced where it locates them, and nothing
is reformatted, so comments and layout are preserved. Anything more complex is left to people.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

__all__ = [
    "Edit",
    "Remark",
    "apply_edits",
    "drop_base",
    "drop_statement",
    "read_code",
    "read_indent",
    "replace_node",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A range of bytes in a file, and its replacement."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A line that must be changed by hand, and why."""

    line: int
    text: str


def replace_node(source: bytes, node: ast.AST, text: str) -> Edit:
    """Return the edit that puts a text in the place of a node."""
    start, end = _find_span(source, node)
    return Edit(start=start, end=end, text=text)


def read_code(source: bytes, node: ast.AST) -> str:
    """Return the code of a node as it is written."""
    start, end = _find_span(source, node)
    return source[start:end].decode()


def read_indent(source: bytes, node: ast.AST) -> str | None:
    """Return what stands before a node on its line, ``None`` if that is more than space."""
    start, _ = _find_span(source, node)
    before = source[source.rfind(b"\n", 0, start) + 1 : start].decode()
    return None if before.strip() else before


def drop_base(source: bytes, base: ast.expr) -> Edit:
    """Return the edit that takes a base out of a class that has another one after it."""
    start, end = _find_span(source, base)
    rest = source[end:]
    comma = len(rest) - len(rest.lstrip(b", \n"))
    return Edit(start=start, end=end + comma, text="")


def drop_statement(source: bytes, node: ast.stmt) -> Edit:
    """Return the edit that takes a statement out, with its lines if it has them for itself."""
    start, end = _find_span(source, node)
    newline = source.find(b"\n", end)
    if read_indent(source, node) is None or newline < 0 or source[end:newline].strip():
        return Edit(start=start, end=end, text="pass")
    first, last = source.rfind(b"\n", 0, start) + 1, newline + 1
    if source[:first].endswith(b"\n\n") and source[last:].startswith(b"\n"):
        last += 1
    return Edit(start=first, end=last, text="")


def apply_edits(source: bytes, edits: list[Edit]) -> bytes:
    """Return the source with all edits made; one inside another waits for the next run."""
    done = len(source) + 1
    for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
        if edit.end <= done:
            source = source[: edit.start] + edit.text.encode() + source[edit.end :]
            done = edit.start
    return source


def _find_span(source: bytes, node: ast.AST) -> tuple[int, int]:
    place: ast.expr = node  # type: ignore[assignment]
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    # Columns are counted in bytes of UTF-8.
    start = starts[place.lineno - 1] + place.col_offset
    return start, starts[(place.end_lineno or place.lineno) - 1] + (place.end_col_offset or 0)
