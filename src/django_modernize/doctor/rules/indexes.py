"""Dates used for filtering and sorting without an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.contrib.admin import ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, F, Field, ForeignKey, Model, OrderBy

from ..findings import Level, Rule, Symptom
from ..names import describe_field, name_reference
from ..projects import Project

__all__ = ["MISSING_INDEX"]


def find_missing_indexes(project: Project) -> Iterator[Symptom]:
    """Yield dates that a list is sorted or filtered by and that no index begins with."""
    for model in project.models:
        asked = list_asked_names(model)
        keys = [name for name in asked if isinstance(find_field(model, name), ForeignKey)]
        for name, reason in asked.items():
            field = find_field(model, name)
            if isinstance(field, DateField) and not is_indexed(model, field):
                names = ", ".join(f'"{one}"' for one in [*keys[:1], name])
                yield Symptom(
                    subject=describe_field(model, field),
                    message=f"{reason} {field.name}, but no index of "
                    f"{model._meta.label} serves it.",
                    fix=f"in Meta.indexes: models.Index(fields=[{names}], "
                    f'name="{f"{model._meta.model_name}_{name}"[:30]}")',
                    place=project.find_place(model, field),
                )


def list_asked_names(model: type[Model]) -> dict[str, str]:
    """Return the fields that lists are sorted or filtered by, with who asks."""
    asked: dict[str, str] = {}
    for name in list_first_order(model._meta.ordering):
        asked[name] = "Every list is sorted by"
    admin = find_admin(model)
    if admin is not None:
        for name in list_first_order(admin.ordering or ()):
            asked.setdefault(name, "The admin's list is sorted by")
        if admin.date_hierarchy:
            asked.setdefault(admin.date_hierarchy, "The admin's date hierarchy uses")
        for entry in admin.list_filter:
            first = entry[0] if isinstance(entry, tuple | list) else entry
            if isinstance(first, str):
                asked.setdefault(first, "The admin's list is filtered by")
    return asked


def find_admin(model: type[Model]) -> ModelAdmin[Any] | None:
    """Return how a model is registered with the default admin, ``None`` if it is not."""
    if not apps.is_installed("django.contrib.admin"):
        return None
    from django.contrib.admin import site  # it asks for the application when it is touched

    admin = site._registry.get(model)
    return admin if isinstance(admin, ModelAdmin) else None


def list_first_order(ordering: Any) -> Iterator[str]:
    """Yield the field that comes first in an order."""
    for entry in tuple(ordering or ())[:1]:
        expression = entry.expression if isinstance(entry, OrderBy) else entry
        name = name_reference(expression) if isinstance(expression, F) else expression
        if isinstance(name, str):
            yield name.lstrip("-")


def find_field(model: type[Model], name: str) -> Field[Any, Any] | None:
    """Return a model's own column by its name, ``None`` if there is none."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and field in model._meta.local_fields else None


def is_indexed(model: type[Model], field: Field[Any, Any]) -> bool:
    """Return whether any index has the field, alone or after others."""
    if getattr(field, "db_index", False) or field.unique or field.primary_key:
        return True
    groups: list[Any] = [*model._meta.unique_together]
    groups += [one.fields or list_expression_names(one) for one in model._meta.indexes]
    groups += [
        [*getattr(one, "fields", ()), getattr(one, "start", ""), getattr(one, "end", "")]
        for one in model._meta.constraints
    ]
    return any(field.name in [name.lstrip("-") for name in names] for names in groups)


def list_expression_names(index: Any) -> list[str]:
    """Return the fields that an index over expressions names directly."""
    return [
        name_reference(inner)
        for expression in index.expressions
        for inner in [getattr(expression, "expression", expression)]
        if isinstance(inner, F)
    ]


MISSING_INDEX: Final = Rule(
    id="W407",
    title="date without an index",
    reason="Each page of the list reads and sorts the whole table: unnoticeable with a hundred "
    "rows, seconds with a hundred thousand.",
    level=Level.WARNING,
    examine=find_missing_indexes,
)
