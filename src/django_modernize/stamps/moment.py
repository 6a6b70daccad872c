"""What one statement stamps: the same time, actor and source for all of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils import timezone

from ..context import get_context

__all__ = ["Moment", "current_moment", "one_moment"]


class Moment:
    """The time, the actor and the source of one statement, each read when first needed.

    Args:
        owner: The instance that the statement saves, ``None`` for a statement over many rows.
    """

    def __init__(self, owner: Model | None = None) -> None:
        self.owner = owner

    @cached_property
    def time(self) -> datetime:
        """The time that all rows of the statement carry."""
        return timezone.now()

    @cached_property
    def actor_id(self) -> Any:
        """The key of the user in the active context, ``None`` for nobody."""
        return get_context().actor_id

    @cached_property
    def source(self) -> str:
        """The source in the active context."""
        return get_context().source


_active: ContextVar[Moment | None] = ContextVar("django_modernize_moment", default=None)


def current_moment(owner: Model | None = None) -> Moment:
    """Return the moment of the running statement, a new one where it is somebody else's.

    A receiver of a signal that saves something else, perhaps in another context, so does not
    stamp it with what its caller stamps.

    Args:
        owner: The instance that is saved, ``None`` for a statement over many rows.
    """
    moment = _active.get()
    if moment is not None and (moment.owner is None or moment.owner is owner):
        return moment
    return Moment(owner)


@contextmanager
def one_moment(owner: Model | None = None) -> Iterator[Moment]:
    """Give everything that one call writes the same moment.

    Args:
        owner: The instance that is saved, ``None`` for a statement over many rows.
    """
    moment = Moment(owner)
    token = _active.set(moment)
    try:
        yield moment
    finally:
        _active.reset(token)
