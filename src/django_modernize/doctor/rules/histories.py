"""Histories stored in a column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Field, JSONField, TextField

from ..findings import Level, Rule, Symptom
from ..names import describe_field, split_words
from ..projects import Project

__all__ = ["TEXT_HISTORY"]

NAMES: Final = frozenset(
    {
        ("history",),
        ("changelog",),
        ("change", "log"),
        ("change", "history"),
        ("audit", "log"),
        ("audit", "trail"),
        ("status", "history"),
        ("edit", "history"),
    }
)


def find_text_histories(project: Project) -> Iterator[Symptom]:
    """Yield columns that hold what happened to their own row."""
    for model, field in project.list_fields():
        if is_history(field):
            name = field.name
            yield Symptom(
                subject=describe_field(model, field),
                message=f"{describe_field(model, field)} stores a row's history in the row itself.",
                fix=f"@track on {model.__name__} (django_modernize.audit), and in a migration: "
                f'HistoryToEvents("{model.__name__}", "{name}") '
                "(django_modernize.migrate), which carries the old entries over",
                place=project.find_place(model, field),
            )


def is_history(field: Field[Any, Any]) -> bool:
    """Return whether a field is a list that grows with every change."""
    return isinstance(field, TextField | JSONField) and split_words(field.name) in NAMES


TEXT_HISTORY: Final = Rule(
    id="W408",
    title="history in a column",
    reason="It grows without bound and is read with every row; concurrent saves lose entries; it "
    "cannot be queried by who changed what; and anyone can rewrite it.",
    level=Level.WARNING,
    examine=find_text_histories,
)
