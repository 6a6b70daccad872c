"""Insert code into classes and files at the place determined by the syntax tree."""

from __future__ import annotations

import ast
from itertools import takewhile
from typing import Final

from ..codemods.edits import Edit, read_indent
from .sources import list_bound_names

__all__ = ["find_constraints", "find_meta", "insert_constraint", "insert_import"]

INDENT: Final = "    "


def insert_constraint(content: bytes, node: ast.ClassDef, code: str) -> Edit | None:
    """Return the edit that adds a constraint to ``Meta.constraints``, creating both if missing.

    Args:
        content: The content of the file.
        node: The model's class in the file.
        code: The constraint, without a trailing comma.

    Returns:
        The edit, or ``None`` if the constraints are not a literal list or a class is on one line.
    """
    meta = find_meta(node)
    if meta is None:
        inner = read_indent(content, node.body[0])
        text = f"\n{inner}class Meta:\n{inner}{INDENT}constraints = [{code}]\n"
        return None if inner is None else insert_after_line(content, last_line(node), text)
    listed = find_constraints(meta)
    if isinstance(listed, ast.List):
        return insert_into_list(content, listed, code)
    inner = read_indent(content, meta.body[0])
    if listed is not None or inner is None:
        return None
    return insert_after_line(content, end_line(meta), f"{inner}constraints = [{code}]\n")


def find_meta(node: ast.ClassDef) -> ast.ClassDef | None:
    """Return the ``Meta`` class in the body of a class."""
    metas = (one for one in node.body if isinstance(one, ast.ClassDef) and one.name == "Meta")
    return next(metas, None)


def insert_import(content: bytes, tree: ast.Module, statement: str) -> Edit | None:
    """Return the edit that adds an import, or ``None`` if the file already has it."""
    wanted = ast.parse(statement).body[0]
    # Imports below the classes of a file come too late for them.
    nodes = [one for one in list_head(tree) if isinstance(one, ast.Import | ast.ImportFrom)]
    if any(brings(one, wanted) for one in nodes):
        return None
    return insert_after_line(content, find_import_line(tree, nodes, wanted), f"{statement}\n")


def list_head(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements above a file's first class and function."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return list(takewhile(lambda statement: not isinstance(statement, kinds), tree.body))


def find_import_line(
    tree: ast.Module, nodes: list[ast.Import | ast.ImportFrom], wanted: ast.stmt
) -> int:
    """Return the line after which to add an import: ``import`` first, then ``from``."""
    docstring = tree.body[:1] if ast.get_docstring(tree, clean=False) is not None else []
    future = [one for one in nodes if getattr(one, "module", "") == "__future__"]
    absolute = [one for one in nodes if not getattr(one, "level", 0)]
    before = [] if isinstance(wanted, ast.Import) else absolute
    last = [*docstring, *future, *before][-1:]
    return end_line(last[0]) if last else 0


def brings(node: ast.stmt, wanted: ast.stmt) -> bool:
    """Return whether an import provides everything that another one would."""
    if isinstance(node, ast.ImportFrom) and isinstance(wanted, ast.ImportFrom):
        same = (node.module, node.level) == (wanted.module, wanted.level)
    else:
        same = isinstance(node, ast.Import) and isinstance(wanted, ast.Import)
    names = [(one.name, one.asname) for one in getattr(node, "names", [])]
    return same and all((one.name, one.asname) in names for one in getattr(wanted, "names", []))


def find_constraints(meta: ast.ClassDef) -> ast.expr | None:
    """Return the expression of ``Meta.constraints``, usually a list."""
    for statement in meta.body:
        if "constraints" in list_bound_names(statement):
            return getattr(statement, "value", None)
    return None


def last_line(node: ast.ClassDef) -> int:
    """Return the last line before a class's first method, where Django's style puts ``Meta``."""
    line = node.body[0].lineno
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        line = end_line(statement)
    return line


def insert_into_list(content: bytes, node: ast.List, code: str) -> Edit:
    """Return the edit that appends an element to a list."""
    lines = content.splitlines(keepends=True)
    line = end_line(node) - 1
    end = sum(map(len, lines[:line])) + (node.end_col_offset or 0) - 1
    if not node.elts:
        return Edit(start=end, end=end, text=code)
    last = node.elts[-1]
    stop = sum(map(len, lines[: end_line(last) - 1])) + (last.end_col_offset or 0)
    if last.lineno == node.lineno:
        return Edit(start=stop, end=stop, text=f", {code}")
    between = content[stop:end]
    comma = b"" if b"," in between.split(b"#")[0] else b","
    text = f"{comma.decode()}\n{' ' * last.col_offset}{code}"
    place = stop if comma else stop + between.index(b",") + 1
    return Edit(start=place, end=place, text=text + ("" if comma else ","))


def insert_after_line(content: bytes, line: int, text: str) -> Edit:
    """Return the edit that inserts whole lines after a line, counted from 1."""
    before = content.splitlines(keepends=True)[:line]
    start = sum(map(len, before))
    missing = "\n" if before and not before[-1].endswith(b"\n") else ""
    return Edit(start=start, end=start, text=missing + text)


def end_line(node: ast.stmt | ast.expr) -> int:
    """Return the last line of a node."""
    return node.end_lineno or node.lineno
