"""Update the baseline of an instance after a read or a write, and revert it after a rollback."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Final, cast

from django.db import models

from .baseline import NOT_LOADED, UNSAVED, Baseline, WrittenBaseline
from .outcomes import find_outcome
from .values import AnyField, can_change_in_place, copy_value, freeze_value, is_same_value

__all__ = [
    "BEFORE_SAVE_NAME",
    "BLOCK_START_NAME",
    "baseline_of",
    "copy_values",
    "give_out",
    "give_out_all",
    "move_after_read",
    "move_after_write",
    "note_set_value",
]

BEFORE_SAVE_NAME: Final = "_before_save"
"""The attribute that holds the previous baseline while receivers of ``post_save`` run."""

BLOCK_START_NAME: Final = "_block_start"
"""The attribute that holds the values at the start of ``track_changes()``."""

SET_NAME: Final = "_set_by_write"
"""The attribute that holds the values that writes set on the instance."""


def baseline_of(instance: models.Model) -> Baseline:
    """Return the known values of the instance's row.

    After a rollback, these are the values before the transaction or savepoint.
    """
    baseline: Baseline = instance.__dict__.get("_baseline", UNSAVED)
    while (outcome := baseline.outcome) is not None:
        if outcome.is_undone:
            baseline = _go_back(instance, cast("WrittenBaseline", baseline))
        elif outcome.is_kept:
            baseline = cast("WrittenBaseline", baseline).settle()
            instance.__dict__["_baseline"] = baseline
        else:
            break
    return baseline


def move_after_read(instance: models.Model, names: Collection[str] | None) -> None:
    """Add values that were just read to the baseline.

    Args:
        instance: An instance of a model with baselines.
        names: The names of the fields that were read, or ``None`` for all loaded ones.
    """
    known = baseline_of(instance)
    values = copy_values(instance, known, names)
    if known is UNSAVED:
        instance.__dict__["_baseline"] = Baseline(tuple(values), tuple(values.values()))
    else:
        instance.__dict__["_baseline"] = known.learn(values)
    for key in (BEFORE_SAVE_NAME, BLOCK_START_NAME):
        if key in instance.__dict__:
            _add_missing(instance, key, values)


def move_after_write(
    instance: models.Model, names: Collection[str] | None = None, *, was_created: bool = False
) -> None:
    """Add values that were just written to the baseline, copying those that can change in place.

    If the transaction is rolled back, the previous values become the baseline again.

    Args:
        instance: An instance of a model with baselines.
        names: The names of the fields that were written, or ``None`` for all loaded ones.
        was_created: Whether the row was inserted.
    """
    if not hasattr(instance, "watches_in_place"):
        # The model has stamp fields but no mixin, so nothing would update a baseline after saves.
        return
    known = baseline_of(instance)
    values = copy_values(instance, known, names)
    merged = values if names is None or known is UNSAVED else {**known.to_dict(), **values}
    parts = tuple(merged), tuple(merged.values()), _still_unread(instance, known)
    outcome = find_outcome(instance._state.db)
    if outcome is not None:
        instance.__dict__["_baseline"] = WrittenBaseline(
            *parts,
            was_created=was_created,
            outcome=outcome,
            former=known.flatten(),
            written=frozenset(values),
        ).flatten()
    elif was_created:
        instance.__dict__["_baseline"] = WrittenBaseline(*parts, was_created=True)
    else:
        instance.__dict__["_baseline"] = Baseline(*parts)


def copy_values(
    instance: models.Model, known: Baseline, names: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the instance's values, with copies of those that can change in place.

    Args:
        instance: An instance of a model with baselines.
        known: A baseline whose copies are reused for unchanged values.
        names: The names of the fields, or ``None`` for all loaded ones, read or not.
    """
    values = _current_values(instance, names)
    if names is None:
        values.update((name, known.get(name)) for name in _still_unread(instance, known))
    for name, field in _fields_to_freeze(type(instance)).items():
        if name in values:
            values[name] = _freeze_again(field, known.get(name), values[name])
    return values


def note_set_value(instance: models.Model, name: str, value: Any) -> None:
    """Record a value that a write sets on the instance, so that a rollback can revert it.

    Args:
        instance: An instance of a model with baselines.
        name: The name of the attribute.
        value: The value to record.
    """
    setattr(instance, name, value)
    # Create a new dictionary, since copies of the instance share the old one.
    instance.__dict__[SET_NAME] = {**instance.__dict__.get(SET_NAME, {}), name: value}


def give_out(instance: models.Model, field: AnyField) -> Any:
    """Set a copy of a value that has not been read yet on the instance, if there is one.

    Args:
        instance: Any instance.
        field: The field that is read.

    Returns:
        The copy, or ``NOT_LOADED`` if there is none.
    """
    loaded, name = instance.__dict__, field.attname
    baseline: Baseline = loaded.get("_baseline", UNSAVED)
    if name not in baseline.unread or name in loaded:
        return NOT_LOADED
    value = loaded[name] = copy_value(field, baseline.get(name))
    loaded["_baseline"] = baseline.without_unread(name)
    return value


def give_out_all(instance: models.Model) -> None:
    """Set copies of all values that have not been read yet on the instance.

    Args:
        instance: Any instance.
    """
    for name in baseline_of(instance).unread:
        field: Any = instance._meta.get_field(name)
        give_out(instance, field)


def _add_missing(instance: models.Model, key: str, values: dict[str, Any]) -> None:
    """Treat values that were deferred and then fetched as if they were loaded from the start."""
    start: Baseline = instance.__dict__[key]
    missing = {name: value for name, value in values.items() if start.get(name) is NOT_LOADED}
    if missing:
        instance.__dict__[key] = start.replace(missing)


def _go_back(instance: models.Model, undone: WrittenBaseline) -> Baseline:
    """Revert a write that was rolled back, including the values that it set on the instance."""
    loaded, former, options = instance.__dict__, undone.former, instance._meta
    generated = {name: undone.get(name) for name in _generated_names(type(instance))}
    for name, value in {**loaded.pop(SET_NAME, {}), **generated}.items():
        if name in loaded and loaded[name] == value:
            field: Any = options.get_field(name)
            known = former.get(name)
            is_unknown = known is None or known is NOT_LOADED
            loaded[name] = _find_default(field) if is_unknown else copy_value(field, known)
    if former is UNSAVED:
        loaded.pop("_baseline", None)
    else:
        loaded["_baseline"] = former
    return former


def _freeze_again(field: AnyField, known: Any, value: Any) -> Any:
    # Comparing is cheaper than copying, and a value identical to the known one was never read.
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
def _fields_to_freeze(model: Any) -> dict[str, AnyField]:
    if not model.watches_in_place:
        return {}
    return {
        field.attname: field
        for field in model._meta.concrete_fields
        if can_change_in_place(field) or isinstance(field, models.FileField)
    }


@cache
def _generated_names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.generated]


def _find_default(field: Any) -> Any:
    return None if field.generated else field.get_default()


def _still_unread(instance: models.Model, known: Baseline) -> tuple[str, ...]:
    return tuple(name for name in known.unread if name not in instance.__dict__)
