"""Unique values that a deleted row still holds in the database."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, UniqueConstraint

__all__ = ["find_holders", "refuse_held_values"]


def refuse_held_values(instance: Model, exclude: Collection[str] | None, using: str) -> None:
    """Refuse values that a deleted row holds through ``unique=True`` or a similar rule.

    Django validates with the default manager, which returns only live rows, so the error would
    come from the database. A value that ``UniqueAlive`` guards is free.

    Args:
        instance: The instance to validate.
        exclude: The names of the fields to skip.
        using: The alias of the database.

    Raises:
        ValidationError: A deleted row holds a value. The message is the same as for a live row.

    Costs one query for each such rule of the model.
    """
    skipped = set(exclude or ())
    errors: dict[str, list[ValidationError]] = {}
    for names in _list_unique(type(instance)):
        if skipped.isdisjoint(names) and find_holders(instance, names, using).exists():
            error = instance.unique_error_message(type(instance), names)
            errors.setdefault(names[0] if len(names) == 1 else "__all__", []).append(error)
    if errors:
        raise ValidationError(errors)


def find_holders(instance: Model, names: Iterable[str], using: str) -> "QuerySet[Any]":
    """Return the deleted rows that hold an instance's values."""
    rows: QuerySet[Any] = QuerySet(type(instance), using=using).filter(deleted_at__isnull=False)
    values = {name: getattr(instance, instance._meta.get_field(name).attname) for name in names}  # type: ignore[union-attr]
    if None in values.values():
        return rows.none()
    return rows.filter(**values).exclude(pk=instance.pk)


def list_held(model: type[Model], values: dict[str, Any], using: str) -> list[Any]:
    """Return a list with at most one deleted row that holds one of the unique values."""
    for names in _list_unique(model):
        if set(names) <= values.keys():
            wanted = {name: values[name] for name in names}
            rows: QuerySet[Any] = QuerySet(model, using=using)
            held = list(rows.filter(deleted_at__isnull=False, **wanted)[:1])
            if held:
                return held
    return []


def _list_unique(model: type[Model]) -> list[tuple[str, ...]]:
    keys = {field.name for field in model._meta.pk_fields}
    # Fields that include the primary key are unique anyway and never held by another row.
    found: list[tuple[str, ...]] = [
        (field.name,)
        for field in model._meta.concrete_fields
        if field.unique and field.name not in keys
    ]
    for one in (model, *model._meta.all_parents):
        found += [tuple(names) for names in one._meta.unique_together]
        found += [
            tuple(constraint.fields)
            for constraint in one._meta.constraints
            if isinstance(constraint, UniqueConstraint)
            and constraint.fields
            and constraint.condition is None
            and not keys <= set(constraint.fields)
        ]
    return found
