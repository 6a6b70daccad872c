"""Which models are tracked, and which of their fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from ..exceptions import TrackingError

__all__ = ["TrackedModel", "find_tracked", "get_tracked", "track"]

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedModel:
    """A model whose changes are recorded."""

    model: type[Model]
    exclude: frozenset[str] = frozenset()
    """Fields whose changes are no events and whose values are not recorded."""

    mask: frozenset[str] = frozenset()
    """Fields of which is recorded that they changed, and never to what."""

    @property
    def table(self) -> str:
        """The table that gets the triggers."""
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        """The ``object_type`` of the model's events."""
        return self.model._meta.label_lower

    @property
    def recorded_fields(self) -> list["Field[Any, Any]"]:
        """The fields that have a column in the model's own table and are not excluded."""
        return [
            field
            for field in self.model._meta.local_concrete_fields
            if field.name not in self.exclude
        ]

    @property
    def key_column(self) -> str:
        """The column of the primary key."""
        return self.column_of(self.model._meta.pk.name)

    def column_of(self, name: str) -> str:
        """Return the column of a field."""
        field = self.model._meta.get_field(name)
        if not isinstance(field, Field) or field.column is None:
            raise TrackingError(
                f"track({self.model.__name__}): {name!r} has no column of its own. "
                "Leave it out of what is tracked."
            )
        return field.column

    def check_names(self) -> None:
        """Refuse names that are not fields of the model.

        Raises:
            TrackingError: ``exclude`` or ``mask`` names something else.
        """
        for name in sorted(self.exclude | self.mask):
            try:
                self.model._meta.get_field(name)
            except FieldDoesNotExist as error:
                raise TrackingError(
                    f"track({self.model.__name__}): {name!r} is not one of its fields. "
                    "Correct the name in exclude= or mask=."
                ) from error


_tracked: dict[type[Model], TrackedModel] = {}


@overload
def track(
    model: type[ModelT], *, exclude: Iterable[str] = (), mask: Iterable[str] = ()
) -> type[ModelT]: ...


@overload
def track(
    model: None = None, *, exclude: Iterable[str] = (), mask: Iterable[str] = ()
) -> Callable[[type[ModelT]], type[ModelT]]: ...


def track(
    model: type[ModelT] | None = None,
    *,
    exclude: Iterable[str] = (),
    mask: Iterable[str] = (),
) -> type[ModelT] | Callable[[type[ModelT]], type[ModelT]]:
    """Record every change of a model's rows, whoever makes it and however.

    As a decorator of a model of your own, ``@track`` or ``@track(exclude=["cache"])``; as a call
    for a model of somebody else's, in ``AppConfig.ready`` or a ``models`` module:
    ``track(User, mask=["password"])``. A proxy stands for its concrete model. ``migrate`` puts
    the triggers in place.

    Args:
        model: The model class.
        exclude: Names of fields to leave out altogether.
        mask: Names of fields whose values must never be stored: the event says that they
            changed, and shows stars.

    Returns:
        The model, unchanged.
    """

    def register(model: type[ModelT]) -> type[ModelT]:
        concrete = model._meta.concrete_model or model
        _tracked[concrete] = TrackedModel(
            model=concrete, exclude=frozenset(exclude), mask=frozenset(mask)
        )
        return model

    return register if model is None else register(model)


def get_tracked() -> list[TrackedModel]:
    """Return all tracked models."""
    return list(_tracked.values())


def find_tracked(model: type[Model]) -> TrackedModel | None:
    """Return how a model is tracked, ``None`` where it is not."""
    return _tracked.get(model._meta.concrete_model or model)
