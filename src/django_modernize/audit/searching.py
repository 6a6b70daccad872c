"""Finds a value in events, however the triggers of its models and of a database write it."""

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
from .values import find_field_ever

__all__ = ["had_value"]

WRITINGS_OF_NO_NUMBER: Final = {
    "inf": ["Infinity", "Inf"],
    "-inf": ["-Infinity", "-Inf"],
    "nan": ["NaN"],
}
"""What PostgreSQL and SQLite write for what JSON has no number for."""


def had_value(name: str, side: str, value: Any, vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The field's name at that time.
        side: ``old`` or ``new``.
        value: As the field holds it in Python, or as JSON; ``None`` for nothing.
        vendor: Of the database.

    Raises:
        TypeError: It is neither JSON nor a value that any model's field of that name holds.
        ValueError: It is an object that has no key yet.
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
            f"changed({name!r}): no model has a field of that name that holds {value!r}. Give a "
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
    """Yield the types of objects that have or had a field of that name, each with the field."""
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        field = None if model._meta.proxy else find_field_ever(label, name)
        if field is not None:
            yield label, field


def _had_nothing(name: str, side: str, fields: "dict[str, Field[Any, Any]]", vendor: str) -> Q:
    found = holds_nothing(name, side, vendor)
    labels = [label for label, field in fields.items() if _kind(field) == "JSONField"]
    if vendor == "postgresql" and labels:
        found |= Q(object_type__in=labels) & holds_json_null(name, side)
    return found


def _group_labels(
    fields: "dict[str, Field[Any, Any]]", value: Any, plain: list[Any]
) -> list[tuple[list[str], list[Any]]]:
    """Return the types of objects that write a value in ways of their own, with these ways."""
    groups: dict[str, tuple[list[str], list[Any]]] = {}
    for label, field in fields.items():
        writings = [*plain, *_try_writings(field, value)]
        different = {repr(writing): writing for writing in writings}
        if different.keys() != {repr(writing) for writing in plain}:
            labels, _ = groups.setdefault(repr(sorted(different)), ([], [*different.values()]))
            labels.append(label)
    return list(groups.values())


def _try_writings(field: "Field[Any, Any]", value: Any) -> list[Any]:
    """Return nothing for what is no value of a field."""
    try:
        return _list_writings(field, value)
    # A project's own field may raise anything.
    except Exception:  # noqa: BLE001
        return []


def _list_writings(field: "Field[Any, Any]", value: Any) -> list[Any]:
    """Return the JSON values in which triggers may have written a field's value."""
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
        raise TypeError("PostgreSQL writes a range in more ways than can be told.")
    encoded = encode_value(field, key)
    if _kind(field) == "JSONField":
        return _vary_plain(encoded)
    if isinstance(encoded, list):
        # The last way of each item is that of PostgreSQL, the only one that has arrays.
        return [encoded, [_list_writings(target.base_field, item)[-1] for item in key]]
    return _vary(target.get_prep_value(key), encoded, getattr(target, "decimal_places", None) or 0)


def _find_key(field: Any, value: Any) -> Any:
    """Return what a foreign key holds of an object; a value that is none stays what it is."""
    if not isinstance(value, Model):
        return value
    if not isinstance(value, field.related_model._meta.concrete_model):
        raise TypeError(f"{field} does not point to {value!r}.")
    return getattr(value, field.target_field.attname)


def _vary(prepared: Any, encoded: Any, most_places: int) -> list[Any]:
    """Return in which ways JSON may hold what goes into a column."""
    match prepared:
        case UUID():
            return [prepared.hex, encoded]
        case bytes() | bytearray() | memoryview():
            # As the item of an array it stands as PostgreSQL writes it.
            return [encoded, f"\\x{encoded}"]
        case datetime() | time():
            # PostgreSQL writes no zeros at the end of a fraction; SQLite keeps a time without
            # a zone as Django gives it.
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
    """Return a number with as many zeros at its end as any column may have given it."""
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
    """Return whether JSON holds a value as it is, between quotation marks."""
    return isinstance(value, str) and value.isprintable() and not {'"', "\\"} & {*value}


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _kind(field: "Field[Any, Any]") -> str:
    return str(find_target(field).get_internal_type())
