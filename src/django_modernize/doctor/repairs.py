"""Offer a repair if the names in its code have the intended meaning in the file."""

from __future__ import annotations

import ast
from collections.abc import Container
from importlib import import_module
from typing import Any

from ..codemods.edits import Edit
from .findings import Repair
from .sources import SourceFile

__all__ = ["offer_repair"]


def offer_repair(
    source: SourceFile, edit: Edit | None, statement: str = "", taken: Container[str] = ()
) -> Repair | None:
    """Return a repair of one place in a file, or ``None`` if it must be done by hand.

    Args:
        source: The file.
        edit: The edit, or ``None`` if it is unknown.
        statement: The import that it needs, if any.
        taken: Names with another meaning at that place, such as fields defined above it.
    """
    names = read_import(statement) if statement else {}
    known = source.namespace
    if edit is None or any(
        name in taken or known.get(name, meaning) is not meaning for name, meaning in names.items()
    ):
        return None
    return Repair(path=source.path, edits=(edit,), imports=(statement,) if statement else ())


def read_import(statement: str) -> dict[str, Any]:
    """Return the names that an import statement provides, with their values.

    >>> list(read_import("from decimal import Decimal"))
    ['Decimal']
    """
    node = ast.parse(statement).body[0]
    if isinstance(node, ast.ImportFrom):
        module = import_module(node.module or "")
        return {one.name: getattr(module, one.name) for one in node.names}
    return {one.name: import_module(one.name) for one in getattr(node, "names", [])}
