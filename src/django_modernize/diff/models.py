"""The mixin that tells what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.expressions import DatabaseDefault

from .baseline import NOT_LOADED, UNSAVED, Baseline
from .moves import baseline_of
from .tracking import BaselineMixin
from .values import AnyField, is_same_value, show_value

__all__ = ["Change", "ModelDiffMixin"]

Change = tuple[Any, Any]
"""The old and the new value of one field."""


class ModelDiffMixin(BaselineMixin):
    """A model whose instances tell what changed since they were loaded or saved.

    Fields go by their names; a foreign key's values are keys, a file's are names. No member costs
    a query but :meth:`save_changed`. An instance without a row has every value as a change from
    ``None``; a field that was deferred and then assigned changed from
    :data:`~django_modernize.diff.NOT_LOADED`.
    """

    watches_in_place = True

    class Meta:
        abstract = True

    @property
    def diff(self) -> dict[str, Change]:
        """What changed: ``{field: (old, new)}``, in the order of the fields."""
        return dict(_find_changes(self, _tracked_fields(self)))

    @property
    def has_changed(self) -> bool:
        """Whether any field changed."""
        return any(True for _ in _find_changes(self, _tracked_fields(self)))

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The names of the fields that changed, in the order of the fields."""
        return tuple(self.diff)

    def get_field_diff(self, name: str) -> Change | None:
        """Return the old and the new value of one field, ``None`` if it did not change.

        Args:
            name: The field's name; for a foreign key also that of its column, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column.
        """
        field = _find_field(self, name)
        return dict(_find_changes(self, [field])).get(field.name)

    def previous(self, name: str) -> Any:
        """Return the value that a field had when the instance was loaded or last saved.

        Args:
            name: The field's name; for a foreign key also that of its column, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column.
        """
        field = _find_field(self, name)
        return show_value(field, _reported_baseline(self).get(field.attname))

    def save_changed(self, *, using: str | None = None) -> bool:
        """Write the fields that changed, through ``save(update_fields=...)``.

        A new instance, and one whose primary key changed, is saved as a whole. Costs no query
        when nothing changed.

        Args:
            using: The alias of the database to write to.

        Returns:
            Whether anything was written.
        """
        changed = self.changed_fields
        if self._state.adding or _key_names(self).intersection(changed):
            self.save(using=using)
            return True
        if changed:
            self.save(using=using, update_fields=changed)
        return bool(changed)

    # Django's own mark: not to be called from a template.
    save_changed.alters_data = True  # type: ignore[attr-defined]

    async def asave_changed(self, *, using: str | None = None) -> bool:
        """Do :meth:`save_changed` in async code.

        Args:
            using: The alias of the database to write to.

        Returns:
            Whether anything was written.
        """
        return await sync_to_async(self.save_changed)(using=using)

    asave_changed.alters_data = True  # type: ignore[attr-defined]


def _find_changes(
    instance: models.Model, fields: Iterable[AnyField]
) -> Iterator[tuple[str, Change]]:
    baseline = _reported_baseline(instance)
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
                yield field.name, (show_value(field, old), show_value(field, new))


def _reported_baseline(instance: models.Model) -> Baseline:
    baseline = baseline_of(instance)
    return baseline if baseline.before is None else baseline.before


def _is_change(field: AnyField, baseline: Baseline, known: Any, value: Any) -> bool:
    if baseline is UNSAVED:
        return not isinstance(value, DatabaseDefault) and value not in field.empty_values
    if known is NOT_LOADED:
        # Django derives a parent's key from the child's without reading it.
        return not field.primary_key
    return not is_same_value(field, known, value)


def _tracked_fields(instance: models.Model) -> list[AnyField]:
    return cast("list[AnyField]", instance._meta.concrete_fields)


def _key_names(instance: models.Model) -> set[str]:
    return {field.name for field in instance._meta.pk_fields}


def _find_field(instance: models.Model, name: str) -> AnyField:
    for field in _tracked_fields(instance):
        if name in (field.name, field.attname):
            return field
    raise FieldDoesNotExist(
        f"{instance._meta.object_name} has no field with a column named {name!r}. Known are "
        f"{[field.name for field in _tracked_fields(instance)]}."
    )
