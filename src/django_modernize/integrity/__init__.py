"""Constraints that the database keeps, written as Django's own, for ``Meta.constraints``."""

from .before import Before
from .conflicts import Conflict, find_conflicts
from .exceptions import ExtensionMissing
from .no_overlap import NoOverlap
from .unique_alive import UniqueAlive
from .violations import explain_violation, find_violated_constraint

__all__ = [
    "Before",
    "Conflict",
    "ExtensionMissing",
    "NoOverlap",
    "UniqueAlive",
    "explain_violation",
    "find_conflicts",
    "find_violated_constraint",
]
