"""Find the differences between the baseline of an instance and its current values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final, cast

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.expressions import DatabaseDefault

from .baseline import NOT_LOADED, UNSAVED, Baseline
from .moves import BEFORE_SAVE_NAME, BLOCK_START_NAME, baseline_of
from .values import AnyField, is_same_value, show_value

__all__ = ["Change", "find_changes", "find_field", "list_fields", "reported_baseline"]

Change = tuple[Any, Any]
"""The old and the new value of one field."""

HIDDEN: Final = "***"


class SensitiveChange(tuple[Any, Any]):
    """The change of a field whose values must not be shown, for example in a log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr((HIDDEN, HIDDEN))


def find_changes(
    instance: models.Model, fields: Iterable[AnyField], baseline: Baseline
) -> Iterator[tuple[str, Change]]:
    """Yield the name of each field that changed with its old and new value.

    Args:
        instance: The instance.
        fields: The fields to compare, in this order.
        baseline: The baseline to compare with.
    """
    known, absent = baseline.to_dict(), baseline.absent
    others = {
        name: value
        for name, value in instance.__dict__.items()
        if known.get(name, absent) is not value
    }
    for field in fields:
        name = field.attname
        if name in others:
            old, new = known.get(name, absent), others[name]
            if _is_change(field, baseline, old, new):
                change = (show_value(field, old), show_value(field, new))
                yield field.name, make_change(type(instance), field.name, change)


def make_change(model: type[models.Model], name: str, change: Change) -> Change:
    """Return a change that hides its values if the model marks the field as sensitive."""
    sensitive: Collection[str] = getattr(model, "sensitive_fields", ())
    return SensitiveChange(change) if name in sensitive else change


def reported_baseline(instance: models.Model) -> Baseline:
    """Return the baseline that ``diff`` currently compares with."""
    loaded = instance.__dict__
    baseline: Baseline | None = loaded.get(BLOCK_START_NAME) or loaded.get(BEFORE_SAVE_NAME)
    return baseline or baseline_of(instance)


@cache
def list_fields(model: type[models.Model]) -> list[AnyField]:
    """Return the fields that the model chose to include in ``diff``."""
    chosen: Collection[str] | None = getattr(model, "diff_fields", None)
    excluded: Collection[str] = getattr(model, "diff_exclude", ())
    fields = cast("list[AnyField]", model._meta.concrete_fields)
    return [
        field
        for field in fields
        if (chosen is None or field.name in chosen) and field.name not in excluded
    ]


def find_field(model: type[models.Model], name: str) -> AnyField:
    """Return a field included in ``diff`` by its name or attribute name.

    Raises:
        FieldDoesNotExist: There is no such field.
    """
    fields = list_fields(model)
    for field in fields:
        if name in (field.name, field.attname):
            return field
    raise FieldDoesNotExist(
        f"{model._meta.object_name} has no field with a column named {name!r} whose changes are "
        f"reported. Known are {[field.name for field in fields]}."
    )


def _is_change(field: AnyField, baseline: Baseline, known: Any, value: Any) -> bool:
    if baseline is UNSAVED:
        return not isinstance(value, DatabaseDefault) and value not in field.empty_values
    if known is NOT_LOADED:
        # Django derives a parent's primary key from that of the child without reading it.
        return not field.primary_key
    return not is_same_value(field, known, value)
