"""Turns the values of an event back into what the model's fields hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from .decoders import decode_value
from .tracking import find_tracked

__all__ = ["decode_changes", "find_field", "find_field_ever", "find_model"]


def decode_changes(
    object_type: str, changes: Mapping[str, Sequence[Any]]
) -> dict[str, tuple[Any, Any]]:
    """Return an event's changes as ``{field name: (old, new)}`` with Python values.

    Args:
        object_type: The label of the model.
        changes: What the event holds.
    """
    return {
        name if field is None else field.name: (
            decode_value(field, values[0]),
            decode_value(field, values[1]),
        )
        for name, values in changes.items()
        for field in [find_field_ever(object_type, name)]
    }


def find_field(object_type: str, name: str) -> "Field[Any, Any] | None":
    """Return the field of that name, or the one that had it once; ``None`` where there is none."""
    model = find_model(object_type)
    if model is None:
        return None
    tracked = find_tracked(model)
    today = name if tracked is None else tracked.renamed.get(name, name)
    try:
        field = model._meta.get_field(today)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def find_field_ever(object_type: str, name: str) -> "Field[Any, Any] | None":
    """Return what :func:`find_field` does, or what a project says about a field that is gone."""
    return find_field(object_type, name) or _find_removed(object_type, name)


def _find_removed(object_type: str, name: str) -> "Field[Any, Any] | None":
    """Return what a project says about a field that its model has no more."""
    model = find_model(object_type)
    tracked = None if model is None else find_tracked(model)
    return None if tracked is None else tracked.removed.get(name)


def find_model(object_type: str) -> type[Model] | None:
    """Return the model of an event, ``None`` where the project has it no more."""
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None
