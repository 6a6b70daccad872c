"""Constraints for ``Meta.constraints`` that the database enforces."""

from .before import Before
from .breaches import find_breaches
from .conflicts import Conflict, find_conflicts
from .exceptions import ConstraintViolated, ExtensionMissing, RowsBreakConstraint
from .no_cycle import NoCycle
from .no_overlap import NoOverlap
from .parent_key import ParentKey
from .refusals import explain_refusals
from .same_parent import SameParent
from .unique_alive import UniqueAlive
from .violations import explain_violation, find_violated_constraint

__all__ = [
    "Before",
    "Conflict",
    "ConstraintViolated",
    "ExtensionMissing",
    "NoCycle",
    "NoOverlap",
    "ParentKey",
    "RowsBreakConstraint",
    "SameParent",
    "UniqueAlive",
    "explain_refusals",
    "explain_violation",
    "find_breaches",
    "find_conflicts",
    "find_violated_constraint",
]
