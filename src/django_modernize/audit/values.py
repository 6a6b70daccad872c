"""Convert the values of an event back to Python values of the model's fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from .decoders import decode_value
from .tracking import find_renamed, find_tracked

__all__ = ["decode_changes", "find_field", "find_field_ever", "find_model"]


def decode_changes(
    object_type: str, changes: Mapping[str, Sequence[Any]]
) -> dict[str, tuple[Any, Any]]:
    """Return an event's changes as ``{field name: (old, new)}`` with Python values.

    Args:
        object_type: The label of the model.
        changes: The changes of the event.
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
    """Return the field that has or once had the name, or ``None`` if there is none."""
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
    """Return the result of :func:`find_field`, or the declaration of a removed field."""
    return find_field(object_type, name) or _find_removed(object_type, name)


def _find_removed(object_type: str, name: str) -> "Field[Any, Any] | None":
    """Return the project's declaration of a field that its model no longer has."""
    model = find_model(object_type)
    tracked = None if model is None else find_tracked(model)
    return None if tracked is None else tracked.removed.get(name)


def find_model(object_type: str) -> type[Model] | None:
    """Return the model of an event, or ``None`` if the project no longer has it."""
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return find_renamed(object_type)
