"""Turns the values of an event back into what the model's fields hold."""

from binascii import Error as InvalidHex
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field

__all__ = ["decode_changes", "decode_value"]

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
        name: (decode_value(field, values[0]), decode_value(field, values[1]))
        for name, values in changes.items()
        for field in [_find_field(object_type, name)]
    }


def decode_value(field: "Field[Any, Any] | None", value: Any) -> Any:
    """Return one value as the field's own Python type.

    A value that the field does not understand (masked, or from before its type changed) is
    returned as it is: an old event must always be readable.
    """
    if field is None or value is None:
        return value
    target = getattr(field, "target_field", field)
    try:
        return DECODERS.get(target.get_internal_type(), target.to_python)(value)
    except (ValidationError, ValueError, TypeError, OverflowError, InvalidHex):
        return value


def _find_field(object_type: str, name: str) -> "Field[Any, Any] | None":
    try:
        field = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return field if isinstance(field, Field) else None
