"""Convert the Python value of a field to the JSON value that a trigger writes for it."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Field
from django.utils import timezone

from .decoders import find_target

__all__ = ["encode_value"]

MICROSECOND: Final = timedelta(microseconds=1)


def encode_value(field: "Field[Any, Any]", value: Any) -> Any:
    """Return a value as JSON, the inverse of :func:`.decoders.decode_value`.

    Args:
        field: The field.
        value: The value of an instance, which is a key for a foreign key.

    Raises:
        ValidationError, ValueError, TypeError: The value is not valid for the field.
    """
    if value is None:
        return None
    target = find_target(field)
    if target.get_internal_type() == "JSONField":
        return json.loads(json.dumps(value, cls=target.encoder))
    return _encode_stored(target, target.get_prep_value(value))


def _encode_stored(field: Any, value: Any) -> Any:
    """Return JSON for the value stored in a field's column."""
    if hasattr(field, "range_type"):
        return _encode_range(value)
    if hasattr(field, "base_field"):
        return [None if item is None else _encode_stored(field.base_field, item) for item in value]
    if isinstance(value, Decimal) and value.is_finite() and hasattr(field, "decimal_places"):
        return f"{value:.{field.decimal_places}f}"
    return _encode_plain(value)


def _encode_plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case datetime():
            return (value.astimezone(UTC) if timezone.is_aware(value) else value).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value // MICROSECOND
    return str(value)


def _encode_range(value: Any) -> str:
    """Return a range as PostgreSQL writes it."""
    if not hasattr(value, "lower"):
        return str(value)
    if value.isempty:
        return "empty"
    bounds = (
        "" if one is None else f'"{_encode_plain(one)}"' for one in (value.lower, value.upper)
    )
    opening, closing = "[" if value.lower_inc else "(", "]" if value.upper_inc else ")"
    return f"{opening}{','.join(bounds)}{closing}"
