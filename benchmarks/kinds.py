"""The ways to store a booking that are compared: plain, with the library, with a peer."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from django_modernize.audit import AuditEvent

from .models import FullStay, PlainStay, StampedStay, StayFields, TrackedStay

__all__ = ["OWN_KINDS", "PLAIN", "TRACKED", "StayKind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StayKind:
    """One way to store a booking."""

    name: str
    model: type[StayFields]
    uses_library: bool = True
    """Whether the library watches the connection and a context is active, as in a request."""

    context: Callable[[], AbstractContextManager[Any]] = nullcontext
    """A peer's own context of a request."""

    event: type[models.Model] | None = None
    """The model of its events; nothing where it records none."""

    event_tables: tuple[str, ...] = ()
    """What is to be emptied with the bookings, the library's own tables aside."""

    own_ways: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    """The name of a work to a function of the peer's own for it; where there are any, it takes
    part in these works alone."""

    def count_events(self) -> int:
        """Return how many events there are."""
        return 0 if self.event is None else self.event._base_manager.count()


PLAIN = StayKind(name="plain Django", model=PlainStay, uses_library=False)

TRACKED = StayKind(name="tracked", model=TrackedStay, event=AuditEvent)

OWN_KINDS = (
    PLAIN,
    StayKind(name="not tracked", model=PlainStay),
    TRACKED,
    StayKind(name="stamped", model=StampedStay),
    StayKind(name="all mixins, tracked", model=FullStay, event=AuditEvent),
)
