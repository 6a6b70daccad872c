"""Managers whose querysets carry what every mixin of their model asks for, in one fixed order.

A mixin of the library names the queryset that it needs in ``queryset_mixins``; a
:class:`ModernizeManager` collects these over the model's bases and puts them on top of its own
queryset. So the order of the mixins does not matter, and a project's queryset keeps its place::

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
    """A manager whose queryset has all that the model's mixins ask for.

    A subclass that narrows the rows down extends ``get_queryset()`` and starts from ``super()``.
    A manager of another package joins in by inheritance, in either order::

        class TreeManager(ModernizeManager, othertree.TreeManager):
            pass
    """

    def get_queryset(self) -> models.QuerySet[ModelT]:
        """Return what the next manager does, with the mixins' querysets on top of its own."""
        queryset = super().get_queryset()
        # The other manager may have filtered it, or set attributes of its own on it.
        queryset.__class__ = compose_queryset(self.model, type(queryset))
        return queryset


class ComposableModel(models.Model):
    """The base that all mixins with querysets share.

    It comes after every mixin in any order of bases, so its plain manager gives way to the one
    that a mixin declares.
    """

    queryset_mixins: ClassVar[QuerySetMixins] = ()
    """What this very class adds to the model's querysets; the bases' entries are kept."""

    objects = ModernizeManager()

    class Meta:
        abstract = True


@cache
def find_queryset_mixins(model: type[models.Model]) -> tuple[QuerySetClass, ...]:
    """Return the querysets that the model's bases and fields ask for, the outermost first.

    They are sorted by ``composition_rank`` (a number, 50 unless declared; the lower one's methods
    run first) and by name, never by the order of the bases.
    """
    declared = {mixin for base in model.__mro__ for mixin in vars(base).get("queryset_mixins", ())}
    for field in model._meta.concrete_fields:
        declared.update(getattr(field, "queryset_mixins", ()))
    return tuple(sorted(_without_bases(declared), key=_rank_and_name))


@cache
def compose_queryset(model: type[models.Model], base: QuerySetClass) -> QuerySetClass:
    """Return ``base`` with the querysets on top that the model's mixins ask for.

    Args:
        model: The model whose bases are asked.
        base: The manager's own queryset. One that inherits from a mixin keeps it where it is.
    """
    mixins = find_queryset_mixins(model)
    if base in mixins:
        base = models.QuerySet
    return _combine(tuple(mixin for mixin in mixins if not issubclass(base, mixin)), base)


def list_missing_mixins(
    model: type[models.Model], manager: models.Manager[Any]
) -> list[QuerySetClass]:
    """Return the querysets that the model asks for and the manager's does without."""
    queryset_class = type(manager.get_queryset())
    return [mixin for mixin in find_queryset_mixins(model) if not issubclass(queryset_class, mixin)]


def find_whole_manager(model: type[models.Model]) -> models.Manager[Any] | None:
    """Return a model's first manager that shows every row and has all that the model asks for.

    Args:
        model: A model that is prepared.
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
    # A class made at run time cannot be found by its name: pickle carries its parts.
    return _restore_queryset, queryset._parts, queryset.__getstate__()  # type: ignore[attr-defined]


def _restore_queryset(
    mixins: tuple[QuerySetClass, ...], base: QuerySetClass
) -> models.QuerySet[Any]:
    queryset_class = _combine(mixins, base)
    return queryset_class.__new__(queryset_class)
