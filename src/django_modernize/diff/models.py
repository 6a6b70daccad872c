"""The mixin that tells what changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.core.checks import CheckMessage

from .blocks import find_relation_changes, find_relation_start
from .changes import Change, find_changes, find_field, list_fields, reported_baseline
from .checks import check_choices
from .moves import baseline_of
from .tracking import BaselineMixin
from .values import show_value

__all__ = ["ModelDiffMixin"]


class ModelDiffMixin(BaselineMixin):
    """A model whose instances know what has changed since they were loaded or last saved.

    Fields are named as in the model; the values of a foreign key are keys, those of a file are
    names. Only :meth:`save_changed` costs a query, and whatever compares relations within
    ``track_changes()``. On an unsaved instance every value is a change from ``None``; a deferred
    field that is then assigned has changed from :data:`~django_modernize.diff.NOT_LOADED`.
    """

    diff_fields: ClassVar[Collection[str] | None] = None
    """The names of the fields to tell of, ``None`` for all."""

    diff_exclude: ClassVar[Collection[str]] = ()
    """The names of the fields not to tell of."""

    sensitive_fields: ClassVar[Collection[str]] = ()
    """The names of the fields whose changes do not show their values in ``repr()``."""

    watches_in_place = True

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """Return what is wrong with the model, the names in the choices of fields too."""
        return [*super().check(**kwargs), *check_choices(cls)]

    @property
    def diff(self) -> dict[str, Change]:
        """What changed: ``{field: (old, new)}``, in the order of the fields."""
        fields, baseline = list_fields(type(self)), reported_baseline(self)
        changes = dict(find_changes(self, fields, baseline))
        changes.update(find_relation_changes(self))
        return changes

    @property
    def has_changed(self) -> bool:
        """Whether any field changed."""
        fields, baseline = list_fields(type(self)), reported_baseline(self)
        return any(True for _ in find_changes(self, fields, baseline)) or any(
            True for _ in find_relation_changes(self)
        )

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The names of the fields that changed, in the order of the fields."""
        return tuple(self.diff)

    @property
    def was_created(self) -> bool:
        """Whether the row was inserted by the instance's last save, bulk creation included.

        ``False`` again after the next save, and after a rollback.
        """
        return baseline_of(self).was_created

    def get_field_diff(self, name: str) -> Change | None:
        """Return the old and the new value of one field, ``None`` if it did not change.

        Args:
            name: The field's name; for a foreign key also that of its column, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column, or it is not told of.
        """
        if find_relation_start(self, name) is not None:
            return dict(find_relation_changes(self, name)).get(name)
        field = find_field(type(self), name)
        return dict(find_changes(self, [field], reported_baseline(self))).get(field.name)

    def previous(self, name: str) -> Any:
        """Return the value that a field had when the instance was loaded or last saved.

        Args:
            name: The field's name; for a foreign key also that of its column, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column, or it is not told of.
        """
        keys = find_relation_start(self, name)
        if keys is not None:
            return keys
        field = find_field(type(self), name)
        return show_value(field, reported_baseline(self).get(field.attname))

    def save_changed(self, *, using: str | None = None) -> bool:
        """Write the fields that changed, through ``save(update_fields=...)``.

        All fields count here, also those that the model chose not to tell of. A new instance, and
        one whose primary key changed, is saved as a whole. Costs no query when nothing changed.

        Args:
            using: The alias of the database to write to.

        Returns:
            Whether anything was written.
        """
        fields = [field for field in self._meta.concrete_fields if not field.generated]
        changed = {name for name, _ in find_changes(self, fields, baseline_of(self))}
        keys = {field.name for field in self._meta.pk_fields}
        if self._state.adding or keys & changed:
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
