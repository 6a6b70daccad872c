"""Actors who delete themselves: they must not be stamped on any further row.

While a user is deleted, Django updates rows that referenced what is deleted with them. Stamped
with that user as the actor, these rows would reference a user who no longer exists.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import pre_delete

from ..context import get_context
from ..diff.outcomes import Outcome, find_outcome

__all__ = ["is_gone"]

_departure: ContextVar[tuple[Any, Outcome | None] | None] = ContextVar(
    "django_modernize_departure", default=None
)


def is_gone(actor_id: Any) -> bool:
    """Return whether the actor was deleted in this context and no rollback undid that."""
    departure = _departure.get()
    if departure is None or departure[0] != actor_id:
        return False
    outcome = departure[1]
    return outcome is None or not outcome.is_undone


def note_departure(instance: models.Model, using: str, **kwargs: Any) -> None:
    """Remember an actor who is about to be deleted. Receiver of ``pre_delete``."""
    if instance.pk is not None and instance.pk == get_context().actor_id:
        _departure.set((instance.pk, find_outcome(using)))


pre_delete.connect(
    note_departure, sender=settings.AUTH_USER_MODEL, dispatch_uid="django_modernize.departures"
)
