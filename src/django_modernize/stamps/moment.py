"""The values that one statement stamps: the same time, actor and source for all its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from ..conf import get_settings
from ..context import get_context
from ..diff.changes import find_changes
from ..diff.moves import baseline_of
from .departures import is_gone

__all__ = ["Moment", "current_moment", "one_moment"]


class Moment:
    """The time, actor and source of one statement, each evaluated on first use.

    Args:
        owner: The instance that the statement saves, or ``None`` if it writes many rows.
        names: The names of the fields that are saved, or ``None`` for all.
    """

    def __init__(self, owner: Model | None = None, names: Collection[str] | None = None) -> None:
        self.owner = owner
        self.names = names

    @cached_property
    def time(self) -> datetime | Now:
        """The time for all rows of the statement."""
        return Now() if get_settings().stamp_clock == "database" else timezone.now()

    @cached_property
    def actor_id(self) -> Any:
        """The primary key of the active context's actor, or ``None`` if none or deleted."""
        actor_id = get_context().actor_id
        return None if is_gone(actor_id) else actor_id

    @cached_property
    def source(self) -> str:
        """The source of the active context."""
        return get_context().source

    @cached_property
    def changes_nothing(self) -> bool:
        """Whether the saved instance differs from its row in no field other than stamps.

        Evaluated when the first stamp is written, after the receivers of ``pre_save`` have run.
        """
        owner = self.owner
        if owner is None or not getattr(owner, "stamps_only_changes", False):
            return False
        fields = [
            field
            for field in owner._meta.concrete_fields
            if not (field.generated or hasattr(field, "read_stamp"))
            and (self.names is None or field.name in self.names or field.attname in self.names)
        ]
        return not any(True for _ in find_changes(owner, fields, baseline_of(owner)))


_active: ContextVar[Moment | None] = ContextVar("django_modernize_moment", default=None)


def current_moment(owner: Model | None = None) -> Moment:
    """Return the moment of the running statement, or a new one if it belongs to another instance.

    So a signal receiver that saves another instance, perhaps in another context, does not reuse
    the stamps of the outer save.

    Args:
        owner: The instance that is saved, or ``None`` if the statement writes many rows.
    """
    moment = _active.get()
    if moment is not None and (moment.owner is None or moment.owner is owner):
        return moment
    return Moment(owner)


@contextmanager
def one_moment(
    owner: Model | None = None, names: Collection[str] | None = None
) -> Iterator[Moment]:
    """Use the same moment for everything that one call writes.

    Args:
        owner: The instance that is saved, or ``None`` if the statement writes many rows.
        names: The names of the fields that are saved, or ``None`` for all.
    """
    moment = Moment(owner, names)
    token = _active.set(moment)
    try:
        yield moment
    finally:
        _active.reset(token)
