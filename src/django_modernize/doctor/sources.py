"""Source files of a project: find declarations of classes and fields, and resolve names."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final

__all__ = [
    "SILENCE_MARK",
    "Declaration",
    "Place",
    "SourceFile",
    "find_argument",
    "list_bound_names",
]

SILENCE_MARK: Final = "modernize: silence"
"""The start of a comment that silences a finding on its line, followed by the rule's id."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A line of a file."""

    path: Path
    line: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """The statement that declares a field, and the call that makes it."""

    source: SourceFile
    owner: ast.ClassDef
    statement: ast.stmt
    call: ast.Call

    @property
    def place(self) -> Place:
        """The place of the declaration."""
        return self.source.find_place(self.statement)

    @property
    def names_above(self) -> frozenset[str]:
        """The names assigned in the class before this one, such as the fields above it."""
        before = self.owner.body[: self.owner.body.index(self.statement)]
        return frozenset(name for one in before for name in list_bound_names(one))


class SourceFile:
    """A Python file, parsed once."""

    def __init__(self, path: Path, module_name: str) -> None:
        self.path = path
        self.module_name = module_name
        self.content = path.read_bytes()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, empty for a file that this Python cannot parse, such as a template."""
        try:
            return ast.parse(self.content)
        except (SyntaxError, ValueError):
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[bytes]:
        """The file's lines."""
        return self.content.splitlines()

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in self.nodes if isinstance(node, kinds)]

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """All classes by name, with the first one if there are several of the same name."""
        nodes = [node for node in self.nodes if isinstance(node, ast.ClassDef)]
        return {node.name: node for node in reversed(nodes)}

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def namespace(self) -> Mapping[str, Any]:
        """The values of the file's names: those of its module, and those imported anywhere in it.

        This imports nothing, so names from modules that are not loaded are missing.
        """
        imports = [node for node in self.nodes if isinstance(node, ast.ImportFrom)]
        imported = {
            alias.asname or alias.name: vars(module)[alias.name]
            for node in imports
            for alias in node.names
            if (module := self._find_imported_module(node)) and alias.name in vars(module)
        }
        module = sys.modules.get(self.module_name)
        return imported | (vars(module) if module else {})

    def _find_imported_module(self, node: ast.ImportFrom) -> ModuleType | None:
        if not node.level:
            return sys.modules.get(node.module or "")
        is_package = self.path.name == "__init__.py"
        parts = self.module_name.split(".")
        package = parts[: len(parts) - node.level + is_package]
        return sys.modules.get(".".join([*package, *filter(None, [node.module])]))

    def find_place(self, node: ast.stmt | ast.expr) -> Place:
        """Return where a node begins."""
        return Place(path=self.path, line=node.lineno)

    def find_class(self, qualified_name: str) -> ast.ClassDef | None:
        """Return the class with that name, which may be nested in classes or functions."""
        return self.classes.get(qualified_name.rpartition(".")[2])

    def find_declaration(self, owner: ast.ClassDef, name: str) -> Declaration | None:
        """Return the declaration of a field: ``name = Field(...)``, with or without a type."""
        for statement in owner.body:
            value = getattr(statement, "value", None)
            if name in list_bound_names(statement) and isinstance(value, ast.Call):
                return Declaration(source=self, owner=owner, statement=statement, call=value)
        return None

    def is_silenced(self, line: int, rule_id: str) -> bool:
        """Return whether a comment on a line silences a rule."""
        text = self.lines[line - 1].decode(errors="replace") if line <= len(self.lines) else ""
        _code, mark, ids = text.partition(SILENCE_MARK)
        return bool(mark) and rule_id in ids.replace(",", " ").split()

    def resolve_name(self, node: ast.expr) -> Any:
        """Return the value of a name or dotted name in the file, or ``None`` if unknown.

        Names are only looked up. No code of the file is run.
        """
        if isinstance(node, ast.Name):
            return self.namespace.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.resolve_name(node.value)
            if isinstance(owner, ModuleType | type):
                return vars(owner).get(node.attr)
        return None


def find_argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return an argument of a call by name or position, or ``None`` if it is not given."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(call.args):
        return call.args[position]
    return None


def list_bound_names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement assigns.

    >>> list_bound_names(ast.parse("start = end = 1").body[0])
    ['start', 'end']
    """
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    else:
        targets = []
    return [one.id for one in targets if isinstance(one, ast.Name)]
