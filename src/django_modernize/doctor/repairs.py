"""Offers a repair where its code means in the file what it is to mean."""

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
    """Return a repair of one place of a file, ``None`` where it has to be left to people.

    Args:
        source: The file.
        edit: What is written; ``None`` where that cannot be told.
        statement: The import that it needs, if any.
        taken: Names that mean something else there, as the fields of the class above it.
    """
    names = read_import(statement) if statement else {}
    known = source.namespace
    if edit is None or any(
        name in taken or known.get(name, meaning) is not meaning for name, meaning in names.items()
    ):
        return None
    return Repair(path=source.path, edits=(edit,), imports=(statement,) if statement else ())


def read_import(statement: str) -> dict[str, Any]:
    """Return what an import of a library brings.

    >>> list(read_import("from decimal import Decimal"))
    ['Decimal']
    """
    node = ast.parse(statement).body[0]
    if isinstance(node, ast.ImportFrom):
        module = import_module(node.module or "")
        return {one.name: getattr(module, one.name) for one in node.names}
    return {one.name: import_module(one.name) for one in getattr(node, "names", [])}
