"""Attributes that tell the baseline what Django does behind the instance's back.

Only two things need it: a deferred value that is fetched for many instances at once (Django 6.1),
and a value that may be changed in place after it was read. All other reads and writes of an
attribute cost what they cost in plain Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .moves import freeze_read_value, move_after_read
from .values import can_change_in_place

__all__ = ["install_descriptors"]


class FetchedAttribute(DeferredAttribute):
    """A deferred attribute whose value is known once it is fetched."""

    def fetch_many(self, instances: Iterable[models.Model]) -> None:
        """Fetch the value for all instances of a queryset, and remember each."""
        name = self.field.attname
        peers = list(instances)
        missing = [instance for instance in peers if name not in instance.__dict__]
        super().fetch_many(peers)
        for instance in missing:
            if name in instance.__dict__:
                move_after_read(instance, [name])


class WatchedAttribute(FetchedAttribute):
    """An attribute whose value is copied when it is first read, since it may change in place."""

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is not None and value is not None:
            freeze_read_value(instance, self.field, value)
        return value


def install_descriptors(model: type[models.Model], *, watched: bool) -> None:
    """Give a model the attributes that its baselines need.

    Args:
        model: A concrete model, when its class is ready.
        watched: Whether values that can change in place are to be watched.
    """
    for field in model._meta.concrete_fields:
        base = WatchedAttribute if watched and can_change_in_place(field) else FetchedAttribute
        present = getattr(model, field.attname, None)
        if isinstance(present, DeferredAttribute) and not isinstance(present, base):
            present_class: Any = type(present)
            setattr(model, field.attname, _extend_class(base, present_class)(field))


@cache
def _extend_class(base: Any, present: Any) -> Any:
    body: dict[str, Any] = {}
    if base is WatchedAttribute and not hasattr(present, "__set__"):
        # Python asks __get__ before the instance's dictionary only where there is a __set__.
        body["__set__"] = _store_value
    return type(base.__name__, (base, present), body)


def _store_value(attribute: DeferredAttribute, instance: models.Model, value: Any) -> None:
    instance.__dict__[attribute.field.attname] = value
