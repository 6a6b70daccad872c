"""Turns the values of an event back into what the model's fields hold."""

from binascii import Error as InvalidHex
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model

from .tracking import find_tracked

__all__ = ["decode_changes", "decode_value", "find_field", "find_model"]

DECODERS: Final[dict[str, Callable[[Any], Any]]] = {
    "BinaryField": bytes.fromhex,
    "DurationField": lambda value: timedelta(microseconds=value),
    "JSONField": lambda value: value,
}


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
        for field in [find_field(object_type, name)]
    }


def decode_value(field: "Field[Any, Any] | None", value: Any) -> Any:
    """Return one value as the field's own Python type.

    The keys of a many-to-many field are a list. A value that the field does not understand
    (masked, or from before its type changed) is returned as it is: an old event must always be
    readable.
    """
    if field is None or value is None:
        return value
    if field.many_to_many:
        many: Any = field
        return [decode_value(many.target_field, key) for key in value]
    target = getattr(field, "target_field", field)
    try:
        return DECODERS.get(target.get_internal_type(), target.to_python)(value)
    except (ValidationError, ValueError, TypeError, OverflowError, InvalidHex):
        return value


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


def find_model(object_type: str) -> type[Model] | None:
    """Return the model of an event, ``None`` where the project has it no more."""
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None
