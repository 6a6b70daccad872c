"""Convert a JSON value of an event to the Python value of a field."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Context, Decimal
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field

from .masking import is_masked_value

__all__ = ["MAX_DIGITS", "decode_value", "find_target"]


RANGE: Final = re.compile(
    r'(?P<opening>[\[(])(?P<lower>"(?:[^"\\]|\\.|"")*"|[^",]*),'
    r'(?P<upper>"(?:[^"\\]|\\.|"")*"|[^",]*)(?P<closing>[\])])'
)
"""A range as PostgreSQL writes it: ``[1,5)``, with quotes if a bound contains a space."""

MAX_DIGITS: Final = 1000
"""The maximum that PostgreSQL allows for a column."""


def decode_value(field: "Field[Any, Any] | None", value: Any) -> Any:
    """Return a value as the field's Python type.

    The keys of a many-to-many field are a list. A value that the field cannot convert (because it
    is masked, older than a change of type, or invalid but accepted by the database) is returned
    unchanged: an old event must always be readable.
    """
    if field is None or value is None or is_masked_value(value):
        return value
    if field.many_to_many:
        many: Any = field
        return [decode_value(many.target_field, key) for key in value]
    try:
        return _decode_stored(find_target(field), value)
    # A custom field may raise anything, for example when it tries to decrypt a mask.
    except Exception:  # noqa: BLE001
        return value


def find_target(field: "Field[Any, Any]") -> Any:
    """Return the field whose values a foreign key or a generated field holds."""
    target: Any = field
    while (next_one := getattr(target, "target_field", target)) is not target:
        target = next_one
    return target.output_field if getattr(target, "generated", False) else target


def _decode_stored(field: Any, value: Any) -> Any:
    """Return the field's conversion of a database value."""
    decoder = DECODERS.get(field.get_internal_type())
    if decoder is not None:
        stored = decoder(field, value)
    elif hasattr(field, "range_type"):
        stored = _decode_range(field, value)
    elif hasattr(field, "base_field"):
        stored = [decode_value(field.base_field, item) for item in value]
    else:
        stored = _find_builtin(field).to_python(field, value)
    if _has_own_conversion(field):
        return field.from_db_value(stored, None, connections[DEFAULT_DB_ALIAS])
    return stored


def _find_builtin(field: Any) -> Any:
    """Return the Django class of a field, or the one it is derived from."""
    if not _has_own_conversion(field):
        return type(field)
    return next(base for base in type(field).__mro__ if base.__module__.startswith("django."))


def _has_own_conversion(field: Any) -> bool:
    """Return whether a custom field converts the database value."""
    return any(
        "from_db_value" in vars(base)
        for base in type(field).__mro__
        if not base.__module__.startswith("django.")
    )


def _decode_range(field: Any, text: Any) -> Any:
    if text == "empty":
        return field.range_type(empty=True)
    found = RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a range.")
    lower, upper = (_decode_bound(field.base_field, found[side]) for side in ("lower", "upper"))
    return field.range_type(lower, upper, found["opening"] + found["closing"])


def _decode_bound(field: Any, text: str) -> Any:
    # Nothing means no bound; an empty string is quoted.
    return decode_value(field, text.strip('"')) if text else None


def _decode_decimal(field: Any, value: Any) -> Decimal:
    # ``to_python()`` refuses NaN, which a column may contain.
    number = Decimal(str(value))
    exponent, places = number.as_tuple().exponent, field.decimal_places
    # SQLite stores 12.00 as 12, and Django restores the field's decimal places.
    if isinstance(exponent, int) and places is not None and exponent > -places:
        return number.quantize(Decimal(1).scaleb(-places), context=Context(prec=MAX_DIGITS))
    return number


def _decode_json(field: Any, value: Any) -> Any:
    return value if field.decoder is None else json.loads(json.dumps(value), cls=field.decoder)


def _decode_binary(field: Any, value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("\\x"))


def _decode_duration(field: Any, value: Any) -> Any:
    # Text if it is an item of an array.
    return field.to_python(value) if isinstance(value, str) else timedelta(microseconds=value)


DECODERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "BinaryField": _decode_binary,
    "DecimalField": _decode_decimal,
    "DurationField": _decode_duration,
    "JSONField": _decode_json,
}
"""Decoders by internal type, for fields whose ``to_python()`` does not accept the JSON value."""
