"""The mixin that reports what changed on an instance."""

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
    """Report which fields of an instance changed since it was loaded or saved.

    Changes are listed by field name. The values of a foreign key are primary keys, those of a
    file are names. No member costs a query, except :meth:`save_changed` and reporting relations
    in a ``track_changes()`` block. On an instance without a row, every value is a change from
    ``None``. A field that was deferred and then assigned changed from
    :data:`~django_modernize.diff.NOT_LOADED`.
    """

    diff_fields: ClassVar[Collection[str] | None] = None
    """The names of the fields to report, or ``None`` for all."""

    diff_exclude: ClassVar[Collection[str]] = ()
    """The names of the fields not to report."""

    sensitive_fields: ClassVar[Collection[str]] = ()
    """The names of the fields whose changes hide their values in ``repr()``."""

    watches_in_place = True

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """Return the check messages of the model, including unknown names in its field lists."""
        return [*super().check(**kwargs), *check_choices(cls)]

    @property
    def diff(self) -> dict[str, Change]:
        """The changes as ``{field: (old, new)}``, in the order of the fields."""
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
        """Whether the last save of the instance inserted the row, including ``bulk_create()``.

        ``False`` again after the next save or after a rollback.
        """
        return baseline_of(self).was_created

    def get_field_diff(self, name: str) -> Change | None:
        """Return the old and new value of a field, or ``None`` if it did not change.

        Args:
            name: The name of the field. For a foreign key also its attribute, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column, or it is not reported.
        """
        if find_relation_start(self, name) is not None:
            return dict(find_relation_changes(self, name)).get(name)
        field = find_field(type(self), name)
        return dict(find_changes(self, [field], reported_baseline(self))).get(field.name)

    def previous(self, name: str) -> Any:
        """Return the value that a field had when the instance was loaded or last saved.

        Args:
            name: The name of the field. For a foreign key also its attribute, as ``owner_id``.

        Raises:
            FieldDoesNotExist: There is no such field with a column, or it is not reported.
        """
        keys = find_relation_start(self, name)
        if keys is not None:
            return keys
        field = find_field(type(self), name)
        return show_value(field, reported_baseline(self).get(field.attname))

    def save_changed(self, *, using: str | None = None) -> bool:
        """Save only the fields that changed, with ``save(update_fields=...)``.

        This includes fields that the model chose not to report. A new instance, or one whose
        primary key changed, is saved completely. Costs no query if nothing changed.

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

    # Prevent templates from calling it.
    save_changed.alters_data = True  # type: ignore[attr-defined]

    async def asave_changed(self, *, using: str | None = None) -> bool:
        """Async version of :meth:`save_changed`.

        Args:
            using: The alias of the database to write to.

        Returns:
            Whether anything was written.
        """
        return await sync_to_async(self.save_changed)(using=using)

    asave_changed.alters_data = True  # type: ignore[attr-defined]
