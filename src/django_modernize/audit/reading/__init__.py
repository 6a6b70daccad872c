"""Reads the trail: what happened to an object, how it was, and the way back."""

from .descriptions import ChangeLine, EventDescription, describe_events
from .history import history
from .reverting import RevertConflict, RevertPlan, revert
from .states import BeforeTrail, as_of

__all__ = [
    "BeforeTrail",
    "ChangeLine",
    "EventDescription",
    "RevertConflict",
    "RevertPlan",
    "as_of",
    "describe_events",
    "history",
    "revert",
]
