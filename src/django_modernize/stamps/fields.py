"""Fields that set their value when their row is written.

They do so in ``pre_save()``, which covers every way in which Django writes instances, including
the historical models of data migrations, which have no mixins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable

from ..conf import get_settings
from ..context import ChangeSource
from ..diff.baseline import NOT_LOADED, UNSAVED, Baseline
from ..diff.moves import baseline_of, note_set_value
from .moment import Moment, current_moment

if TYPE_CHECKING:
    # Only the stubs of Django's fields are generic.
    DateTimeField = models.DateTimeField[datetime | str | Combinable, datetime]
    ForeignKey = models.ForeignKey[Any, Any]
    CharField = models.CharField[str | Combinable, str]
else:
    CharField, DateTimeField, ForeignKey = (
        models.CharField,
        models.DateTimeField,
        models.ForeignKey,
    )

__all__ = ["SourceStampField", "StampField", "TimeStampField", "UserStampField", "find_stamps"]


class StampField:
    """Common behavior of the stamp fields.

    A value given explicitly is kept: any value of a new instance, and one assigned since the
    instance was loaded or saved.

    Args:
        *args: The arguments of the extended field.
        on_change: Whether to set the stamp on every change of the row, not only on creation.
        **kwargs: The arguments of the extended field.
    """

    name: str
    attname: str
    no_value: ClassVar[Any] = None

    queryset_mixins: ClassVar[tuple[type[models.QuerySet[Any]], ...]] = ()
    """The queryset classes that the field adds to its model's managers."""

    def __init__(self, *args: Any, on_change: bool = False, **kwargs: Any) -> None:
        self.on_change = on_change
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def read_stamp(self, moment: Moment) -> Any:
        """Return the value that a statement sets.

        Args:
            moment: The statement's moment.
        """
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the value to write, and set it on the instance.

        Args:
            model_instance: The instance being written.
            add: Whether the row is inserted.
        """
        if self._keeps_value(model_instance, add):
            return super().pre_save(model_instance, add)  # type: ignore[misc]
        moment = current_moment(model_instance)
        if not add and (not self.on_change or moment.changes_nothing):
            # The row may have a stamp that the instance lacks: it was built by hand or deferred.
            return self.set_stamp(model_instance, models.F(self.name))
        return self.set_stamp(model_instance, self.read_stamp(moment))

    def set_stamp(self, instance: models.Model, value: Any) -> Any:
        """Set the written value on the instance. A value computed by the database is deferred.

        Args:
            instance: The instance.
            value: A value or an expression.

        Returns:
            The value.
        """
        if hasattr(value, "resolve_expression"):
            instance.__dict__.pop(self.attname, None)
        else:
            note_set_value(instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        """Return what a migration needs to recreate the field."""
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        if self.on_change:
            kwargs["on_change"] = True
        return name, path, args, kwargs

    def _keeps_value(self, instance: models.Model, add: bool) -> bool:
        if self._is_assigned(instance):
            return True
        has_value = instance.__dict__.get(self.attname, self.no_value) != self.no_value
        if self.on_change:
            return has_value and not add and current_moment(instance).changes_nothing
        if add:
            return has_value and not _is_copy(instance)
        return has_value or _baseline_of(instance) is not None

    def _is_assigned(self, instance: models.Model) -> bool:
        value = instance.__dict__.get(self.attname, self.no_value)
        baseline = _baseline_of(instance)
        if baseline is None:
            return instance._state.adding and value != self.no_value
        known = baseline.get(self.attname)
        if known is NOT_LOADED:
            return bool(value != self.no_value)
        return value is not known and value != known


class TimeStampField(StampField, DateTimeField):
    """The time at which a row was created or last changed."""

    def read_stamp(self, moment: Moment) -> Any:
        """Return the statement's time.

        Args:
            moment: The statement's moment.
        """
        return moment.time


class UserStampField(StampField, ForeignKey):
    """The user who created or last changed a row, or ``None`` if unknown or deleted.

    Args:
        to: The user model. Defaults to ``AUTH_USER_MODEL``.
        on_delete: What happens when the user is deleted.
        **kwargs: The arguments of a foreign key.
    """

    def __init__(
        self,
        to: Any = None,
        on_delete: Callable[..., None] = models.SET_NULL,
        **kwargs: Any,
    ) -> None:
        kwargs = {"null": True, "related_name": "+", **kwargs}
        super().__init__(to or settings.AUTH_USER_MODEL, on_delete, **kwargs)

    def read_stamp(self, moment: Moment) -> Any:
        """Return the key of the statement's actor.

        Args:
            moment: The statement's moment.
        """
        return moment.actor_id


class SourceStampField(StampField, CharField):
    """The source from which a row was created or last changed.

    The known sources are the field's choices, so the admin and ``get_..._display()`` show their
    labels. Migrations omit the choices, since they differ between projects.
    """

    no_value = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_length": 50, "default": "", "choices": source_choices, **kwargs}
        super().__init__(*args, **kwargs)

    def read_stamp(self, moment: Moment) -> Any:
        """Return the statement's source.

        Args:
            moment: The statement's moment.
        """
        return moment.source

    def deconstruct(self) -> Any:
        """Return what a migration needs to recreate the field, without the choices."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs


def source_choices() -> list[tuple[str, Any]]:
    """Return the known sources with their labels, with the project's own last."""
    return [*ChangeSource.choices, *get_settings().sources.items()]


@cache
def find_stamps(model: type[models.Model]) -> tuple[StampField, ...]:
    """Return the stamp fields of a model, including inherited ones."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, StampField))


def _baseline_of(instance: models.Model) -> Baseline | None:
    """Return the known values of the row: ``None`` for new instances and in data migrations."""
    baseline = baseline_of(instance)
    return None if baseline is UNSAVED else baseline


def _is_copy(instance: models.Model) -> bool:
    """Return whether a saved instance was given a new primary key, to be inserted as a copy."""
    baseline = _baseline_of(instance)
    return baseline is not None and any(
        instance.__dict__.get(field.attname) != baseline.get(field.attname)
        for field in instance._meta.pk_fields
    )
