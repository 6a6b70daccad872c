"""Distinguish writes that the trail could not record from those that failed by themselves."""

from typing import Any, Final

from django.db import DatabaseError

from ..exceptions import TrailUnavailable
from .declarations import TRIGGER_PREFIX
from .sqlite_slot import SLOT_TABLE

__all__ = ["explain_failure"]

TRAIL_NAMES: Final = (TRIGGER_PREFIX, SLOT_TABLE)
"""The prefix of the names of the trail's tables and triggers."""

REFUSAL: Final = "append-only"
"""What the trail's guards say: that is no failure, but what they are there for."""

PASSING_STATES: Final = ("08", "40", "55", "57")
"""Classes of PostgreSQL's errors that say nothing of the trail: the connection is gone, writers
met, somebody stopped the statement. Who repeats a transaction looks for them."""


def explain_failure(error: DatabaseError) -> None:
    """Raise a clearer error if a write failed because of the trail.

    Raises:
        TrailUnavailable: The change could not be recorded, so the database refused it.
    """
    if isinstance(error, TrailUnavailable) or REFUSAL in str(error):
        return
    if _is_of_trail(error):
        raise TrailUnavailable(str(error).partition("\n")[0]) from error


def _is_of_trail(error: DatabaseError) -> bool:
    # psycopg says in which function a statement failed; SQLite names the table at most.
    details: Any = getattr(error.__cause__, "diag", None)
    if details is None:
        return any(name in str(error) for name in TRAIL_NAMES)
    state = details.sqlstate or ""
    return TRIGGER_PREFIX in (details.context or "") and not state.startswith(PASSING_STATES)
