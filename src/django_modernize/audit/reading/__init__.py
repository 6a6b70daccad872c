"""Reads the trail: what happened to an object, how it was, and the way back."""

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
