"""Descriptors that keep the baseline informed of what Django does without calling the instance.

Only two cases need them: fetching a deferred value for many instances at once (Django 6.1), and
the first read of a value that can change in place. All other reads and writes cost the same as
in plain Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .baseline import NOT_LOADED, Baseline
from .moves import give_out, move_after_read
from .values import can_change_in_place, may_change

__all__ = ["install_descriptors", "set_aside"]

take_off = object.__delattr__

Watched = tuple[str, int, bool]
"""The name of an attribute, its index in a whole row, and whether it is a non-data descriptor."""


class FetchedAttribute(DeferredAttribute):
    """A deferred attribute that adds its value to the baseline when it is fetched."""

    def fetch_many(self, instances: Iterable[models.Model]) -> None:
        """Fetch the value for all instances of a queryset, and add it to their baselines."""
        name = self.field.attname
        peers = list(instances)
        missing = [instance for instance in peers if name not in instance.__dict__]
        super().fetch_many(peers)
        for instance in missing:
            if name in instance.__dict__:
                move_after_read(instance, [name])


class WatchedAttribute(FetchedAttribute):
    """An attribute whose value can change in place, so that its first read returns a copy.

    Until then the value is missing from the instance, so Python calls this descriptor. Afterwards
    the instance has the value, and reading it costs the same as in plain Django.
    """

    def __init__(self, field: models.Field[Any, Any]) -> None:
        super().__init__(field)
        # A custom attribute of the project may return something else.
        getter = super().__get__.__func__  # type: ignore[attr-defined]
        self.gives_what_is_stored = getter is DeferredAttribute.__get__

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is not None:
            value = give_out(instance, self.field)
            if value is not NOT_LOADED and self.gives_what_is_stored:
                return value
        return super().__get__(instance, cls)


def install_descriptors(model: type[models.Model], *, watched: bool) -> None:
    """Install the descriptors that a model's baselines need.

    Args:
        model: A concrete model whose class is ready.
        watched: Whether to watch values that can change in place.
    """
    for field in model._meta.concrete_fields:
        base = WatchedAttribute if watched and can_change_in_place(field) else FetchedAttribute
        present = getattr(model, field.attname, None)
        if isinstance(present, DeferredAttribute) and not isinstance(present, base):
            present_class: Any = type(present)
            setattr(model, field.attname, _extend_class(base, present_class)(field))


@cache
def _extend_class(base: Any, present: Any) -> Any:
    return type(base.__name__, (base, present), {})


def set_aside(instance: models.Model, baseline: Baseline) -> None:
    """Remove values that can change in place from a loaded instance until they are read.

    Args:
        instance: The instance.
        baseline: What was loaded.
    """
    watched, every_name, count = _list_watched(type(instance))
    names, row = baseline.names, baseline.row
    is_whole, unread = len(row) == count, []
    for name, place, is_plain in watched:
        if is_whole:
            value = row[place]
        elif name in names:
            value = row[names.index(name)]
        else:
            continue
        # Leave the attribute alone if the class has replaced its value.
        if not may_change(value) or getattr(instance, name) is not value:
            continue
        # Avoid __dict__, which Python creates for an instance only on first access.
        if is_plain:
            take_off(instance, name)
        else:
            del instance.__dict__[name]
        unread.append(name)
    # Instances share one tuple unless their values differ from the usual.
    baseline.unread = every_name if len(unread) == len(every_name) else tuple(unread)


@cache
def _list_watched(model: type[models.Model]) -> tuple[tuple[Watched, ...], tuple[str, ...], int]:
    fields = model._meta.concrete_fields
    watched = tuple(
        (field.attname, place, not hasattr(attribute, "__set__"))
        for place, field in enumerate(fields)
        if isinstance(attribute := getattr(model, field.attname, None), WatchedAttribute)
    )
    return watched, tuple(name for name, _, _ in watched), len(fields)
