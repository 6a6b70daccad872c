"""Moves an instance's baseline to the values that its row has now."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import models

from .baseline import UNSAVED, Baseline, WrittenBaseline
from .values import AnyField, can_change_in_place, freeze_value, is_same_value

__all__ = ["baseline_of", "move_after_read", "move_after_write", "move_while_saving"]


def baseline_of(instance: models.Model) -> Baseline:
    """Return what the instance's row is known to hold."""
    baseline: Baseline = instance.__dict__.get("_baseline", UNSAVED)
    return baseline


def move_after_read(instance: models.Model, names: Collection[str] | None) -> None:
    """Take values for known that were just read, and that nobody has seen yet.

    Args:
        instance: An instance of a model whose baseline is kept.
        names: The names of the fields that were read, ``None`` for all that are loaded.
    """
    _set_baseline(instance, names, _current_values(instance, names))


def move_after_write(instance: models.Model, names: Collection[str] | None = None) -> None:
    """Take values for known that were just written, and that others may hold and change.

    Args:
        instance: An instance of a model whose baseline is kept.
        names: The names of the fields that were written, ``None`` for all that are loaded.
    """
    values = _current_values(instance, names)
    known = baseline_of(instance)
    for name, field in _fields_to_freeze(type(instance)).items():
        if name in values:
            values[name] = _freeze_again(field, known.get(name), values[name])
    _set_baseline(instance, names, values)


def move_while_saving(instance: models.Model, names: Collection[str] | None) -> None:
    """Take values for written, and keep the former ones for ``diff`` until the save is over.

    Args:
        instance: An instance of a model whose baseline is kept.
        names: The names of the fields that were written, ``None`` for all that are loaded.
    """
    known = baseline_of(instance)
    move_after_write(instance, names)
    written = baseline_of(instance)
    before = known if known.before is None else known.before
    instance.__dict__["_baseline"] = WrittenBaseline(written.names, written.row, before)


def _set_baseline(
    instance: models.Model, names: Collection[str] | None, values: dict[str, Any]
) -> None:
    known = baseline_of(instance)
    if known is UNSAVED or (names is None and known.before is None):
        baseline = Baseline(tuple(values), tuple(values.values()))
    else:
        baseline = known.replace(values)
    instance.__dict__["_baseline"] = baseline


def _freeze_again(field: AnyField, known: Any, value: Any) -> Any:
    # To compare is cheaper than to copy, and what is the known object itself was never read.
    return known if is_same_value(field, known, value) else freeze_value(field, value)


def _current_values(instance: models.Model, names: Collection[str] | None) -> dict[str, Any]:
    loaded = instance.__dict__
    fields = instance._meta.concrete_fields
    if names is not None:
        # Django 6 reads generated columns back after every write.
        fields = [  # type: ignore[assignment]
            field
            for field in fields
            if field.name in names or field.attname in names or field.generated
        ]
    return {field.attname: loaded[field.attname] for field in fields if field.attname in loaded}


@cache
def _fields_to_freeze(model: type[models.Model]) -> dict[str, AnyField]:
    if not getattr(model, "watches_in_place", False):
        return {}
    return {
        field.attname: field
        for field in model._meta.concrete_fields
        if can_change_in_place(field) or isinstance(field, models.FileField)
    }
