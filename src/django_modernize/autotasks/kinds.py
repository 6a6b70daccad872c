"""The kinds of values that conditions and texts distinguish."""

from __future__ import annotations

import datetime
import decimal
import uuid
from enum import StrEnum
from typing import Any, Final

from django.db.models import Field

__all__ = ["Kind", "find_kind", "read_value"]


class Kind(StrEnum):
    """The kind of a value, which determines the operators that a condition may use."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    KEY = "key"
    """The key of another row, which can only be compared for equality."""

    KEYS = "keys"
    """The keys of any number of other rows."""


MAX_EXPONENT: Final = 17
"""Longer numbers do not fit in any database column."""

BY_INTERNAL_TYPE: Final = {
    "BooleanField": Kind.BOOLEAN,
    "DateField": Kind.DATE,
    "DateTimeField": Kind.INSTANT,
    "DecimalField": Kind.NUMBER,
    "FloatField": Kind.NUMBER,
}


def find_kind(field: Field[Any, Any]) -> Kind:
    """Return the kind of a field's values."""
    if field.remote_field or field.primary_key:
        return Kind.KEY
    name = field.get_internal_type()
    if name.endswith(("IntegerField", "AutoField")):
        return Kind.NUMBER
    if name in ("DurationField", "UUIDField", "JSONField", "BinaryField", "TimeField"):
        raise ValueError(f"{field} holds values that conditions and texts cannot use.")
    return BY_INTERNAL_TYPE.get(name, Kind.TEXT)


def read_value(kind: Kind, value: Any) -> Any:
    """Return a JSON value converted to the Python value of a kind.

    Raises:
        ValueError: The value is invalid.
    """
    reader = READERS[kind]
    if value is None:
        raise ValueError("null is no value: use the operator 'empty'")
    return reader(value)


def read_text(value: Any) -> str:
    """Return a text."""
    # PostgreSQL has no texts with a NUL.
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(f"{value!r} is no text")
    return value


def read_number(value: Any) -> decimal.Decimal:
    """Return a number, exactly as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no number")
    try:
        number = decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite() or number.adjusted() > MAX_EXPONENT:
        raise ValueError(f"{value!r} is no number")
    return number


def read_boolean(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def read_date(value: Any) -> datetime.date:
    """Return a day written as ``2026-03-29``."""
    try:
        return datetime.date.fromisoformat(read_text(value))
    except ValueError:
        raise ValueError(f"{value!r} is no day: write it as 2026-03-29") from None


def read_instant(value: Any) -> datetime.datetime:
    """Return an instant written with its zone, ``2026-03-29T12:00+02:00``."""
    try:
        instant = datetime.datetime.fromisoformat(read_text(value))
    except ValueError:
        instant = datetime.datetime.min
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} is no instant: write it as 2026-03-29T12:00+02:00")
    return instant


def read_key(value: Any) -> Any:
    """Return a key, which is a number or a text."""
    if isinstance(value, bool) or not isinstance(value, int | str | uuid.UUID):
        raise ValueError(f"{value!r} is no key")
    return read_text(value) if isinstance(value, str) else _read_number_key(value)


def _read_number_key(value: Any) -> Any:
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(f"{value!r} is no key")
    return value


READERS: Final = {
    Kind.TEXT: read_text,
    Kind.NUMBER: read_number,
    Kind.BOOLEAN: read_boolean,
    Kind.DATE: read_date,
    Kind.INSTANT: read_instant,
    Kind.KEY: read_key,
    Kind.KEYS: read_key,
}
