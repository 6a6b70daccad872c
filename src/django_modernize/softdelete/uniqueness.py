"""Values that a deleted row goes on holding, where the database does not know better."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, UniqueConstraint

__all__ = ["find_holders", "refuse_held_values"]


def refuse_held_values(instance: Model, exclude: Collection[str] | None, using: str) -> None:
    """Refuse values that a deleted row holds by ``unique=True`` or its like.

    Django asks the default manager, which shows the living alone, and so would let the database
    refuse the row. A value that ``UniqueAlive`` guards is free.

    Args:
        instance: The row that is validated.
        exclude: Names of fields that are not looked at.
        using: Alias of the database.

    Raises:
        ValidationError: A deleted row holds a value; worded as for a living one.

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
    """Return up to one deleted row that holds some of the values which are unique."""
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
    # What includes the key is unique by that, and never another row's.
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
