"""Unique values that a soft-deleted row still blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Model, UniqueConstraint, UUIDField

from ..findings import Level, Rule, Symptom
from ..marks import find_mark, hides_rows
from ..names import describe_field
from ..projects import Project
from .deletions import list_lost_models

__all__ = ["BLOCKED_VALUE"]


def find_blocked_values(project: Project) -> Iterator[Symptom]:
    """Yield what is unique among the deleted rows too, or will be with a soft delete."""
    for model in project.models:
        hidden = hides_rows(model)
        if not hidden and not list_lost_models(project, model):
            continue
        for names in list_unique_values(model):
            arguments = ", ".join(f'"{name}"' for name in names)
            when = "still blocks" if hidden else "will block, once the model has soft delete,"
            # With the primary key in it, nothing but the row itself could come again.
            if any(field.name in names for field in model._meta.pk_fields):
                continue
            fields: list[Any] = [model._meta.get_field(name) for name in names]
            if not all(is_chosen_by_people(project, model, field) for field in fields):
                continue
            yield Symptom(
                subject=describe_field(model, "+".join(names)),
                message=f"A deleted {model._meta.verbose_name} {when} its {', '.join(names)}.",
                fix=f"in Meta.constraints: UniqueAlive({arguments}, "
                f'name="{model._meta.model_name}_{"_".join(names)}_unique"), with UniqueToAlive '
                "(django_modernize.migrate) in the migration",
                place=project.find_place(model, fields[0]),
                level=None if hidden else Level.INFO,
            )


def is_chosen_by_people(project: Project, model: type[Model], field: Any) -> bool:
    """Return whether somebody could want a value again: a token or a UUID is never drawn twice."""
    drawn = isinstance(field, UUIDField) or (field.has_default() and callable(field.default))
    return bool(field.editable and not drawn and project.declares(model, field))


def list_unique_values(model: type[Model]) -> Iterator[tuple[str, ...]]:
    """Yield the fields that are unique whether a row is deleted or not."""
    mark = find_mark(model)
    for field in model._meta.local_fields:
        key = field.primary_key or field.remote_field
        if field.unique and not key and not field.auto_created:
            yield (field.name,)
    together = [tuple(names) for names in model._meta.unique_together]
    together += [
        tuple(one.fields)
        for one in model._meta.constraints
        if isinstance(one, UniqueConstraint) and one.fields and one.condition is None
    ]
    # A mark among the fields is an attempt at the same.
    yield from (names for names in together if mark is None or mark.name not in names)


BLOCKED_VALUE: Final = Rule(
    id="W410",
    title="unique value blocked by a deleted row",
    reason="Users see no row with the value, yet the form rejects it.",
    level=Level.WARNING,
    examine=find_blocked_values,
)
