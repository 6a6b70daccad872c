"""Facts about a whole project that are needed before rewriting one of its files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .names import FOREIGN, IMPORTS

__all__ = ["Survey", "find_trackers", "is_foreign", "survey_sources"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What the files of a project say together."""

    trackers: frozenset[str] = frozenset()
    """The attributes that hold a ``FieldTracker``."""

    diff_models: frozenset[str] = frozenset()
    """The classes that become a ``ModelDiffMixin`` by themselves: their children inherit it."""

    has_hooks: bool = False
    """Whether a model of django-lifecycle has hooks."""


def survey_sources(sources: Iterable[bytes]) -> Survey:
    """Return what the files of a project say together; what is no Python says nothing.

    Args:
        sources: The Python files.
    """
    trackers: set[str] = set()
    models: set[str] = set()
    has_hooks = False
    for node in _walk_sources(sources):
        if isinstance(node, ast.ClassDef):
            found = find_trackers(node)
            trackers.update(name for _, name, _ in found)
            if found or _has_diff_base(node):
                models.add(node.name)
        elif isinstance(node, ast.ImportFrom) and is_foreign(node.module):
            has_hooks = has_hooks or any(alias.name == "hook" for alias in node.names)
    return Survey(trackers=frozenset(trackers), diff_models=frozenset(models), has_hooks=has_hooks)


def find_trackers(node: ast.ClassDef) -> list[tuple[ast.stmt, str, ast.Call]]:
    """Return the trackers of a class: the statement, the attribute's name, and the call.

    Args:
        node: The class.
    """
    return [
        (statement, target.id, value)
        for statement in node.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (
            statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        )
        if isinstance(target, ast.Name)
        and isinstance(value := statement.value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "FieldTracker"
    ]


def is_foreign(module: str | None) -> bool:
    """Return whether a module is one of the packages that code is brought over from.

    Args:
        module: Its dotted name.
    """
    return (module or "").split(".")[0] in FOREIGN


def _walk_sources(sources: Iterable[bytes]) -> Iterator[ast.AST]:
    for source in sources:
        try:
            yield from ast.walk(ast.parse(source))
        except (SyntaxError, ValueError):
            continue


def _has_diff_base(node: ast.ClassDef) -> bool:
    bases = {name for (_, name), (_, target) in IMPORTS.items() if target == "ModelDiffMixin"}
    names = {base.id for base in node.bases if isinstance(base, ast.Name)}
    return bool(names & (bases | {"ModelDiffMixin"}))
