"""Managers whose querysets include the methods that each mixin of the model needs.

Each mixin of the library lists the queryset classes that it needs in ``queryset_mixins``.
:class:`ModernizeManager` collects them from the model's bases and combines them with its own
queryset in a fixed order, so the order of the mixins does not matter::

    class Booking(TimeStampedMixin, SoftDeleteMixin, models.Model):
        objects = SoftDeleteManager.from_queryset(BookingQuerySet)()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models.manager import BaseManager

__all__ = [
    "ComposableModel",
    "ModernizeManager",
    "QuerySetMixins",
    "compose_queryset",
    "find_queryset_mixins",
    "find_whole_manager",
    "list_missing_mixins",
]

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)
QuerySetClass = type[models.QuerySet[Any]]
QuerySetMixins = tuple[QuerySetClass, ...]

DEFAULT_RANK = 50


class ModernizeManager(models.Manager[ModelT]):
    """A manager whose queryset includes everything that the model's mixins need.

    A subclass that filters rows should override ``get_queryset()`` and call ``super()``. To
    combine it with a manager of another package, inherit from both, in either order::

        class TreeManager(ModernizeManager, othertree.TreeManager):
            pass
    """

    def get_queryset(self) -> models.QuerySet[ModelT]:
        """Return the queryset of the next manager, extended by the mixins' querysets."""
        queryset = super().get_queryset()
        # Keep the instance: another manager may have filtered it or set attributes on it.
        queryset.__class__ = compose_queryset(self.model, type(queryset))
        return queryset


class ComposableModel(models.Model):
    """The common base of all mixins that extend querysets.

    It follows every mixin in the method resolution order, so a manager declared by a mixin takes
    precedence over the plain one declared here.
    """

    queryset_mixins: ClassVar[QuerySetMixins] = ()
    """What this class adds to the model's querysets. The entries of its bases are kept."""

    objects = ModernizeManager()

    class Meta:
        abstract = True


@cache
def find_queryset_mixins(model: type[models.Model]) -> tuple[QuerySetClass, ...]:
    """Return the queryset classes that the model's bases and fields need, outermost first.

    They are sorted by ``composition_rank`` (a number that defaults to 50; methods of the lowest
    rank run first) and then by name, never by the order of the bases.
    """
    declared = {mixin for base in model.__mro__ for mixin in vars(base).get("queryset_mixins", ())}
    for field in model._meta.concrete_fields:
        declared.update(getattr(field, "queryset_mixins", ()))
    return tuple(sorted(_without_bases(declared), key=_rank_and_name))


@cache
def compose_queryset(model: type[models.Model], base: QuerySetClass) -> QuerySetClass:
    """Return ``base`` extended by the querysets that the model's mixins need.

    Args:
        model: The model whose bases and fields declare the queryset mixins.
        base: The manager's own queryset class. A mixin that it already inherits from stays where
            it is.
    """
    mixins = find_queryset_mixins(model)
    if base in mixins:
        base = models.QuerySet
    return _combine(tuple(mixin for mixin in mixins if not issubclass(base, mixin)), base)


def list_missing_mixins(
    model: type[models.Model], manager: models.Manager[Any]
) -> list[QuerySetClass]:
    """Return the queryset classes that the model needs and the manager's queryset lacks."""
    queryset_class = type(manager.get_queryset())
    return [mixin for mixin in find_queryset_mixins(model) if not issubclass(queryset_class, mixin)]


def find_whole_manager(model: type[models.Model]) -> models.Manager[Any] | None:
    """Return the model's first manager that returns every row and has all queryset mixins.

    Args:
        model: A model whose class is prepared.
    """
    for manager in model._meta.managers:
        if _shows_every_row(manager) and not list_missing_mixins(model, manager):
            return manager
    return None


def _shows_every_row(manager: models.Manager[Any]) -> bool:
    definers = {base for base in type(manager).__mro__ if "get_queryset" in vars(base)}
    return definers <= {ModernizeManager, BaseManager}


def _without_bases(classes: set[QuerySetClass]) -> set[QuerySetClass]:
    return {
        one
        for one in classes
        if not any(other is not one and issubclass(other, one) for other in classes)
    }


def _rank_and_name(queryset_class: QuerySetClass) -> tuple[int, str, str]:
    rank = getattr(queryset_class, "composition_rank", DEFAULT_RANK)
    return rank, queryset_class.__module__, queryset_class.__qualname__


@cache
def _combine(mixins: tuple[QuerySetClass, ...], base: QuerySetClass) -> QuerySetClass:
    if not mixins:
        return base
    body = {"__module__": __name__, "__reduce__": _reduce_queryset, "_parts": (mixins, base)}
    return type(f"Composed{base.__name__}", (*mixins, base), body)


def _reduce_queryset(
    queryset: models.QuerySet[Any],
) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    # A class created at run time cannot be imported by name, so pickle its parts.
    return _restore_queryset, queryset._parts, queryset.__getstate__()  # type: ignore[attr-defined]


def _restore_queryset(
    mixins: tuple[QuerySetClass, ...], base: QuerySetClass
) -> models.QuerySet[Any]:
    queryset_class = _combine(mixins, base)
    return queryset_class.__new__(queryset_class)
