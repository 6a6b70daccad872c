"""Turns one JSON value into what a field holds in Python."""

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
"""A range as PostgreSQL writes it: ``[1,5)``, with quotes where a bound has a blank."""

MAX_DIGITS: Final = 1000
"""As many as PostgreSQL lets a column have."""


def decode_value(field: "Field[Any, Any] | None", value: Any) -> Any:
    """Return one value as the field's own Python type.

    The keys of a many-to-many field are a list. A value that the field does not understand
    (masked, from before its type changed, or written by a program that the database let do so) is
    returned as it is: an old event must always be readable.
    """
    if field is None or value is None or is_masked_value(value):
        return value
    if field.many_to_many:
        many: Any = field
        return [decode_value(many.target_field, key) for key in value]
    try:
        return _decode_stored(find_target(field), value)
    # A project's own field may raise anything, such as one that decrypts and is given a mask.
    except Exception:  # noqa: BLE001
        return value


def find_target(field: "Field[Any, Any]") -> Any:
    """Return the field whose values a foreign key or a generated field holds."""
    target: Any = field
    while (next_one := getattr(target, "target_field", target)) is not target:
        target = next_one
    return target.output_field if getattr(target, "generated", False) else target


def _decode_stored(field: Any, value: Any) -> Any:
    """Return what a field makes of what the database holds."""
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
    """Return the class of Django's that a field is, or is derived from."""
    if not _has_own_conversion(field):
        return type(field)
    return next(base for base in type(field).__mro__ if base.__module__.startswith("django."))


def _has_own_conversion(field: Any) -> bool:
    """Return whether a project's field turns what the database holds into something else."""
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
        raise ValueError(f"{text!r} is no range.")
    lower, upper = (_decode_bound(field.base_field, found[side]) for side in ("lower", "upper"))
    return field.range_type(lower, upper, found["opening"] + found["closing"])


def _decode_bound(field: Any, text: str) -> Any:
    # Nothing at all is no bound; an empty text has quotes.
    return decode_value(field, text.strip('"')) if text else None


def _decode_decimal(field: Any, value: Any) -> Decimal:
    # ``to_python`` refuses NaN, which a column may hold.
    number = Decimal(str(value))
    exponent, places = number.as_tuple().exponent, field.decimal_places
    # SQLite stores 12.00 as 12, and Django reads it with the field's places.
    if isinstance(exponent, int) and places is not None and exponent > -places:
        return number.quantize(Decimal(1).scaleb(-places), context=Context(prec=MAX_DIGITS))
    return number


def _decode_json(field: Any, value: Any) -> Any:
    return value if field.decoder is None else json.loads(json.dumps(value), cls=field.decoder)


def _decode_binary(field: Any, value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("\\x"))


def _decode_duration(field: Any, value: Any) -> Any:
    # A text where it is an item of an array.
    return field.to_python(value) if isinstance(value, str) else timedelta(microseconds=value)


DECODERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "BinaryField": _decode_binary,
    "DecimalField": _decode_decimal,
    "DurationField": _decode_duration,
    "JSONField": _decode_json,
}
"""Internal types of fields that ``to_python`` does not read from JSON."""
