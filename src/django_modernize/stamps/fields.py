"""Fields that fill themselves in when their row is written.

They do so in ``pre_save``, so that every way in which Django writes instances is covered, also
on the models of a data migration, which have no mixins.
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
    # Django's fields take their types in the stubs alone.
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
    """What the stamps' fields have in common: when they are set, and when they keep what they have.

    A value that was given wins: any value of a new instance, and one that was assigned since the
    instance was loaded or saved.

    Args:
        *args: As for the field that is extended.
        on_change: Whether every change of the row sets the stamp anew, not only its creation.
        **kwargs: As for the field that is extended.
    """

    name: str
    attname: str
    no_value: ClassVar[Any] = None

    queryset_mixins: ClassVar[tuple[type[models.QuerySet[Any]], ...]] = ()
    """What the field adds to its model's querysets."""

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
            model_instance: The instance that is written.
            add: Whether its row is inserted.
        """
        if self._keeps_value(model_instance, add):
            return super().pre_save(model_instance, add)  # type: ignore[misc]
        moment = current_moment(model_instance)
        if not add and (not self.on_change or moment.changes_nothing):
            # The row may have a stamp that this instance does not know: made by hand, or deferred.
            return self.set_stamp(model_instance, models.F(self.name))
        return self.set_stamp(model_instance, self.read_stamp(moment))

    def set_stamp(self, instance: models.Model, value: Any) -> Any:
        """Set the value that is written on the instance; one that the database makes is deferred.

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
        """Return what a migration needs to make the field again."""
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
    """The time at which a row was made, or last changed."""

    def read_stamp(self, moment: Moment) -> Any:
        """Return the statement's time.

        Args:
            moment: The statement's moment.
        """
        return moment.time


class UserStampField(StampField, ForeignKey):
    """The user who made a row, or last changed it; ``None`` for nobody or one who is gone.

    Args:
        to: The user model, that of ``AUTH_USER_MODEL`` unless told.
        on_delete: What happens when the user is deleted.
        **kwargs: As for a foreign key.
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
    """Where a row came from, or its last change: one of the known sources.

    The sources are choices, so the admin and ``get_..._display()`` show their labels; migrations
    leave them out, since they differ from project to project.
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
        """Return what a migration needs to make the field again: not the choices."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs


def source_choices() -> list[tuple[str, Any]]:
    """Return the known sources with their labels, the project's own last."""
    return [*ChangeSource.choices, *get_settings().sources.items()]


@cache
def find_stamps(model: type[models.Model]) -> tuple[StampField, ...]:
    """Return the stamps of a model, inherited ones too."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, StampField))


def _baseline_of(instance: models.Model) -> Baseline | None:
    """Return what is known of the row; nothing on a new instance, and in a data migration."""
    baseline = baseline_of(instance)
    return None if baseline is UNSAVED else baseline


def _is_copy(instance: models.Model) -> bool:
    """Tell whether a saved instance was given another key, to be inserted as another row."""
    baseline = _baseline_of(instance)
    return baseline is not None and any(
        instance.__dict__.get(field.attname) != baseline.get(field.attname)
        for field in instance._meta.pk_fields
    )
