"""Stamps that a bulk write does not set."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from django.db.models import DateField, Model

from ..findings import Level, Rule, Symptom
from ..names import describe_model
from ..projects import Project
from ..sources import SourceFile

__all__ = ["MISSED_STAMP"]


def find_missed_stamps(project: Project) -> Iterator[Symptom]:
    """Yield each ``update()`` of a model with ``auto_now`` that does not set the stamp."""
    for source in project.source_files:
        for call in source.calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "update":
                continue
            # With ** nobody knows what is set.
            given = [keyword.arg for keyword in call.keywords]
            model = find_queried_model(source, call.func.value)
            missed = [name for name in list_stamps(model) if name not in given] if model else []
            if model and missed and given and None not in given:
                yield describe_missed(source, call, model, missed)


def describe_missed(
    source: SourceFile, call: ast.Call, model: type[Model], missed: list[str]
) -> Symptom:
    """Return the symptom of one call."""
    clocks = ", ".join(f"{name}=timezone.now()" for name in missed)
    return Symptom(
        subject=describe_model(model),
        message=f"update() leaves {', '.join(missed)} of {describe_model(model)} as it was: "
        "auto_now works only in save().",
        fix=f".update(..., {clocks}), or TimeStampedMixin (django_modernize.models), whose "
        "querysets set stamps on every write",
        place=source.find_place(call),
    )


def find_queried_model(source: SourceFile, node: ast.expr) -> type[Model] | None:
    """Return the model that a chain of queryset methods begins with, ``None`` if it does not."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
        meaning = source.resolve_name(node)
        if isinstance(meaning, type) and issubclass(meaning, Model):
            return meaning
    return None


def list_stamps(model: type[Model]) -> list[str]:
    """Return the fields that Django sets whenever a row is saved."""
    fields = model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, DateField) and field.auto_now]


MISSED_STAMP: Final = Rule(
    id="W412",
    title="update() that skips auto_now",
    reason="Exports, caches and other code that asks for rows changed since yesterday miss these "
    "changes.",
    level=Level.WARNING,
    examine=find_missed_stamps,
)
