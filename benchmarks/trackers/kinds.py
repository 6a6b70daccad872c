"""How each peer is asked what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.models import DiffStay, PlainStay, StayFields

from .models import DirtyStay, LifecycleStay, TrackerStay

__all__ = ["KINDS", "TrackerKind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackerKind:
    """One way to know what changed."""

    name: str
    model: type[StayFields]
    ask: Callable[[Any], object]
    """Returns the names of the fields that changed, in any collection."""


def ask_nothing(stay: Any) -> object:
    return ()


def ask_diff(stay: Any) -> object:
    return stay.diff


def ask_tracker(stay: Any) -> object:
    return stay.tracker.changed()


def ask_dirty_fields(stay: Any) -> object:
    return stay.get_dirty_fields(check_relationship=True)


def ask_lifecycle(stay: Any) -> object:
    names = [field.name for field in stay._meta.concrete_fields]
    return [name for name in names if stay.has_changed(name)]


KINDS = (
    TrackerKind(name="plain Django", model=PlainStay, ask=ask_nothing),
    TrackerKind(name="ModelDiffMixin", model=DiffStay, ask=ask_diff),
    TrackerKind(name="django-model-utils FieldTracker", model=TrackerStay, ask=ask_tracker),
    TrackerKind(name="django-dirtyfields", model=DirtyStay, ask=ask_dirty_fields),
    TrackerKind(name="django-lifecycle", model=LifecycleStay, ask=ask_lifecycle),
)
