"""Comparing and copying the values of fields.

Nothing here queries the database or raises: a value that cannot be compared counts as changed,
and one that cannot be copied is kept as it is.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.files import File
from django.db import models

__all__ = [
    "can_change_in_place",
    "copy_value",
    "freeze_value",
    "is_same_value",
    "keep_pending",
    "may_change",
    "show_value",
]

if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
else:
    AnyField = models.Field

UNCHANGEABLE_FIELDS: Final = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DecimalField,
    models.DurationField,
    models.FilePathField,
    models.FloatField,
    models.ForeignKey,
    models.GenericIPAddressField,
    models.IntegerField,
    models.TextField,
    models.TimeField,
    models.UUIDField,
)
"""Django fields whose values are immutable."""

UNCHANGEABLE_VALUES: Final = (
    str,
    bytes,
    int,
    float,
    complex,
    Decimal,
    date,
    time,
    timedelta,
    UUID,
    Enum,
    type(None),
)

PLAIN_CONTAINERS: Final = frozenset({dict, list})
PLAIN_VALUES: Final = frozenset({str, int, float, bool, type(None), Decimal, datetime, date, UUID})

LOOSE_VALUES: Final = (str, int, float, Decimal)
"""Types that a form, workbook or API may provide instead of the field's own type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingFile:
    """A file that was not yet stored when a block began."""

    name: str
    content: object


def can_change_in_place(field: AnyField) -> bool:
    """Return whether the field's values can change without being assigned.

    A field that converts what it reads (``from_db_value()``) may return any type.
    """
    is_known = isinstance(field, (*UNCHANGEABLE_FIELDS, models.FileField))
    return not is_known or hasattr(field, "from_db_value")


def freeze_value(field: AnyField, value: Any) -> Any:
    """Return a copy of the value to compare with later, after it may have changed in place."""
    if type(value) in PLAIN_CONTAINERS:
        copy = _copy_plain(value)
        if copy is not None:
            return copy
    if isinstance(field, models.FileField):
        return show_value(field, value)
    if type(value) is memoryview:
        return bytes(value)
    if isinstance(value, UNCHANGEABLE_VALUES) or not _defines_equality(value):
        return value
    try:
        copy = deepcopy(value)
    except Exception:  # noqa: BLE001 - a project's own class may raise anything
        return value
    # A copy that does not equal its original would always be reported as a change.
    return copy if _is_equal(copy, value) else value


def copy_value(field: AnyField, value: Any) -> Any:
    """Return a copy of a kept value to hand out, so that the kept one cannot change."""
    # psycopg returns binary columns as memoryview, which is read-only.
    return value if type(value) is memoryview else freeze_value(field, value)


def keep_pending(field: AnyField, value: Any, otherwise: Any) -> Any:
    """Return a marker that distinguishes an unstored file from another with the same name.

    Args:
        field: Any field.
        value: A value of the field.
        otherwise: What to return for all other values.
    """
    if isinstance(field, models.FileField) and not _is_stored(value):
        return PendingFile(name=_file_name(value), content=_read_content(value))
    return otherwise


def may_change(value: Any) -> bool:
    """Return whether a value can change without being assigned."""
    kind = type(value)
    return kind in PLAIN_CONTAINERS or not (
        kind is memoryview or isinstance(value, UNCHANGEABLE_VALUES)
    )


def _copy_plain(value: Any) -> Any:
    """Copy a value made of JSON types and arrays, much faster than ``deepcopy()``.

    Returns:
        The copy, or ``None`` if the value contains anything else.
    """
    is_mapping = type(value) is dict
    if PLAIN_VALUES.issuperset(map(type, value.values() if is_mapping else value)):
        return value.copy()
    copies = []
    for part in value.values() if is_mapping else value:
        kind = type(part)
        if kind in PLAIN_CONTAINERS:
            copy = _copy_plain(part)
            if copy is None:
                return None
            copies.append(copy)
        elif kind in PLAIN_VALUES:
            copies.append(part)
        else:
            return None
    return dict(zip(value, copies, strict=True)) if is_mapping else copies


def is_same_value(field: AnyField, known: Any, value: Any) -> bool:
    """Return whether a value would be stored like the known one.

    A value of another type that the field converts to the same ("1001" for 1001) is the same.
    """
    if known is value:
        return True
    if isinstance(field, models.FileField):
        if isinstance(known, PendingFile) and not _is_stored(value):
            return known.content is _read_content(value)
        return _is_stored(value) and _file_name(known) == _file_name(value)
    if isinstance(field, models.JSONField):
        return _is_same_json(known, value)
    return _is_equal(known, value) or _is_equal(known, _convert_value(field, value))


def show_value(field: AnyField, value: Any) -> Any:
    """Return the value as ``diff`` shows it: the name of a file, anything else unchanged."""
    if isinstance(field, models.FileField) and isinstance(value, File | PendingFile):
        return _file_name(value)
    return value


def _defines_equality(value: Any) -> bool:
    return getattr(type(value), "__eq__", None) is not object.__eq__


def _is_equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - a project's own class may raise anything
        return False


def _convert_value(field: AnyField, value: Any) -> Any:
    if not isinstance(value, LOOSE_VALUES):
        return value
    try:
        return field.to_python(value)
    except Exception:  # noqa: BLE001 - a project's own field may raise anything
        return value


def _is_same_json(one: Any, other: Any) -> bool:
    # In Python, True equals 1. In JSON they are different values.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _is_same_json(one[key], other[key]) for key in one
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_same_json, one, other))
    return _is_equal(one, other)


def _is_stored(value: Any) -> bool:
    return not isinstance(value, File) or getattr(value, "_committed", False)


def _read_content(value: Any) -> object:
    # Django wraps an assigned file in the field's own file class, which keeps it in ``_file``.
    return vars(value).get("_file") or value


def _file_name(value: Any) -> str:
    return str(getattr(value, "name", value) or "")
