"""Follow-up work hardcoded in the code of an import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Model

from ..findings import Level, Rule, Symptom
from ..names import split_words
from ..projects import Project
from ..sources import SourceFile

__all__ = ["HARDWIRED_TASKS"]

IMPORT_WORDS: Final = frozenset(
    ["import", "imports", "importer", "importing", "ingest", "ingestion", "sync"]
)
WORK_WORDS: Final = frozenset(["followup", "job", "reminder", "task", "ticket", "todo"])
CREATORS: Final = frozenset({"create", "get_or_create", "update_or_create", "bulk_create"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_hardwired_tasks(project: Project) -> Iterator[Symptom]:
    """Yield each place in an import that creates somebody's work."""
    for source in project.source_files:
        in_import_file = bool(IMPORT_WORDS & set(split_words(source.path.stem)))
        for function in source.functions:
            if in_import_file or IMPORT_WORDS & set(split_words(function.name)):
                yield from find_created_tasks(source, function)


def find_created_tasks(source: SourceFile, function: Function) -> Iterator[Symptom]:
    """Yield each creation of work in a function."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    for node in calls:
        model = find_created_model(source, node)
        if model and split_words(model.__name__)[-1] in WORK_WORDS:
            yield Symptom(
                subject=f"{source.path.stem}.{function.name}",
                message=f"{function.name}() decides which {model._meta.verbose_name_plural} an "
                "import creates.",
                fix="an AutoTaskTemplate with the trigger 'created' (django_modernize.autotasks): "
                "the same text, offset and type, where an administrator can change them",
                place=source.find_place(node),
            )


def find_created_model(source: SourceFile, node: ast.AST) -> type[Model] | None:
    """Return the model of which code creates rows, ``None`` if it does not."""
    if not isinstance(node, ast.Call):
        return None
    meaning: Any = source.resolve_name(node.func)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if meaning is None and isinstance(owner, ast.Attribute):
        creates = isinstance(node.func, ast.Attribute) and node.func.attr in CREATORS
        meaning = source.resolve_name(owner.value) if creates else None
    return meaning if isinstance(meaning, type) and issubclass(meaning, Model) else None


HARDWIRED_TASKS: Final = Rule(
    id="W411",
    title="follow-up tasks hard-coded in an import",
    reason="Every change of a day, title or assignee needs a release, and nobody can see why a "
    "task exists.",
    level=Level.WARNING,
    examine=find_hardwired_tasks,
)
