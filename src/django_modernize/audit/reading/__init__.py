"""Read the trail: the history of an object, its past states, and reverting changes."""

from .descriptions import ChangeLine, EventDescription, describe_events
from .reverting import RevertConflict, RevertPlan, revert
from .states import BeforeTrail, UnreadableEvent, as_of
from .trail import history

__all__ = [
    "BeforeTrail",
    "ChangeLine",
    "EventDescription",
    "RevertConflict",
    "RevertPlan",
    "UnreadableEvent",
    "as_of",
    "describe_events",
    "history",
    "revert",
]
