"""Search events for a value, in every form in which triggers may have written it."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Field, Model, Q

from .decoders import MAX_DIGITS, find_target
from .encoders import encode_value
from .expressions import holds_json_null, holds_nothing, holds_value, mentions_text
from .tracking import find_tracked
from .values import find_field_ever

__all__ = ["had_value"]

WRITINGS_OF_NO_NUMBER: Final = {
    "inf": ["Infinity", "Inf"],
    "-inf": ["-Infinity", "-Inf"],
    "nan": ["NaN"],
}
"""The text of PostgreSQL and SQLite for values that JSON numbers cannot represent."""


def had_value(name: str, side: str, value: Any, vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The field's name at that time.
        side: ``old`` or ``new``.
        value: The Python value of the field, or its JSON value. ``None`` for no value.
        vendor: The vendor of the database.

    Raises:
        TypeError: The value is neither JSON nor valid for any model's field of that name.
        ValueError: The value is an object without a primary key.
    """
    fields = dict(_find_fields(name))
    if value is None:
        return _had_nothing(name, side, fields, vendor)
    if isinstance(value, Model) and value.pk is None:
        raise ValueError(f"changed({name!r}): {value!r} has no key yet. Save it first.")
    plain = _vary_plain(value) if _is_json(value) else []
    groups = _group_labels(fields, value, plain)
    if not groups:
        if plain:
            return _holds_any(name, side, plain, vendor)
        raise TypeError(
            f"changed({name!r}): no model has a field of that name that can hold {value!r}. Give a "
            "value of the field, or the JSON value that event.changes shows."
        )
    conditions = [
        Q(object_type__in=labels) & _holds_any(name, side, writings, vendor)
        for labels, writings in groups
    ]
    if plain:
        others = ~Q(object_type__in=[label for labels, _ in groups for label in labels])
        conditions.append(others & _holds_any(name, side, plain, vendor))
    return reduce(or_, conditions)


def _find_fields(name: str) -> "Iterator[tuple[str, Field[Any, Any]]]":
    """Yield the label of each model that has or had a field of that name, with the field."""
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        field = None if model._meta.proxy else find_field_ever(label, name)
        if field is not None:
            tracked = find_tracked(model)
            former_labels = () if tracked is None else tracked.former_labels
            yield from ((one, field) for one in (label, *former_labels))


def _had_nothing(name: str, side: str, fields: "dict[str, Field[Any, Any]]", vendor: str) -> Q:
    found = holds_nothing(name, side, vendor)
    labels = [label for label, field in fields.items() if _kind(field) == "JSONField"]
    if vendor == "postgresql" and labels:
        found |= Q(object_type__in=labels) & holds_json_null(name, side)
    return found


def _group_labels(
    fields: "dict[str, Field[Any, Any]]", value: Any, plain: list[Any]
) -> list[tuple[list[str], list[Any]]]:
    """Return the labels of models grouped by the JSON values that they write for a value."""
    groups: dict[str, tuple[list[str], list[Any]]] = {}
    for label, field in fields.items():
        writings = [*plain, *_try_writings(field, value)]
        different = {repr(writing): writing for writing in writings}
        if different.keys() != {repr(writing) for writing in plain}:
            labels, _ = groups.setdefault(repr(sorted(different)), ([], [*different.values()]))
            labels.append(label)
    return list(groups.values())


def _try_writings(field: "Field[Any, Any]", value: Any) -> list[Any]:
    """Return the JSON values for a value, or nothing if it is not valid for the field."""
    try:
        return _list_writings(field, value)
    # A custom field may raise anything.
    except Exception:  # noqa: BLE001
        return []


def _list_writings(field: "Field[Any, Any]", value: Any) -> list[Any]:
    """Return the JSON values that triggers may have written for a field's value."""
    if field.many_to_many:
        many: Any = field
        keys = [
            _list_writings(many.target_field, _find_key(many, item))
            for item in (value if isinstance(value, list | tuple | set) else [value])
        ]
        return [list(row) for row in zip(*keys, strict=True)]
    target = find_target(field)
    key = _find_key(field, value)
    if hasattr(target, "range_type") and not isinstance(key, str):
        raise TypeError("PostgreSQL has too many spellings of a range.")
    encoded = encode_value(field, key)
    if _kind(field) == "JSONField":
        return _vary_plain(encoded)
    if isinstance(encoded, list):
        # The last form of each item is that of PostgreSQL, the only database with arrays.
        return [encoded, [_list_writings(target.base_field, item)[-1] for item in key]]
    return _vary(target.get_prep_value(key), encoded, getattr(target, "decimal_places", None) or 0)


def _find_key(field: Any, value: Any) -> Any:
    """Return the value of a foreign key to an object. Other values are returned unchanged."""
    if not isinstance(value, Model):
        return value
    if not isinstance(value, field.related_model._meta.concrete_model):
        raise TypeError(f"{field} does not point to {value!r}.")
    return getattr(value, field.target_field.attname)


def _vary(prepared: Any, encoded: Any, most_places: int) -> list[Any]:
    """Return the forms in which JSON may contain the value of a column."""
    match prepared:
        case UUID():
            return [prepared.hex, encoded]
        case bytes() | bytearray() | memoryview():
            # An item of an array is in PostgreSQL's own format.
            return [encoded, f"\\x{encoded}"]
        case datetime() | time():
            # PostgreSQL omits trailing zeros of a fraction. SQLite stores a naive time as Django
            # passes it.
            whole, dot, rest = encoded.partition(".")
            digits, zone = rest[:6].rstrip("0"), rest[6:]
            return [encoded, str(prepared), whole + (dot + digits if digits else "") + zone]
        case Decimal() if prepared.is_finite() and abs(prepared.adjusted()) <= MAX_DIGITS:
            return [prepared, *_list_decimals(prepared, most_places)]
    return _vary_plain(encoded)


def _vary_plain(value: Any) -> list[Any]:
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
        return [value, *WRITINGS_OF_NO_NUMBER[value]]
    return [value]


def _list_decimals(number: Decimal, most_places: int) -> list[str]:
    """Return a number with each count of trailing zeros that a column may have added."""
    whole, _, fraction = f"{number:f}".partition(".")
    digits = fraction.rstrip("0")
    counts = range(len(digits), max(len(fraction), most_places) + 1)
    return [f"{whole}.{digits:0<{count}}" if count else whole for count in counts]


def _holds_any(name: str, side: str, writings: Sequence[Any], vendor: str) -> Q:
    found = holds_value(name, side, writings, vendor)
    if not all(map(_is_plain_text, writings)):
        return found
    return reduce(or_, (mentions_text(text, vendor) for text in writings)) & found


def _is_plain_text(value: Any) -> bool:
    """Return whether a value is a string that JSON does not escape."""
    return isinstance(value, str) and value.isprintable() and not {'"', "\\"} & {*value}


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _kind(field: "Field[Any, Any]") -> str:
    return str(find_target(field).get_internal_type())
