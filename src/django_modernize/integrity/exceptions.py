"""What the constraints refuse, and what keeps them from being put into a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, NotSupportedError
from django.db.models import BaseConstraint, Model

from ..exceptions import ModernizeError

__all__ = ["ConstraintViolated", "ExtensionMissing", "RowsBreakConstraint"]

SHOWN_KEYS: Final = 20
"""How many rows a message names."""


class ConstraintViolated(ModernizeError, ValidationError, IntegrityError):
    """The database refused rows; the error reads as validation would have worded it.

    Args:
        explanation: What validation says of it.
        constraint: The constraint that was violated.
        candidate: The instance that was refused, as far as it is known.
        other: The row in its way, as far as it is known.
        is_race: Whether the other row was being written in the same moment, by a transaction that
            may yet give up: to try again can succeed.
    """

    def __init__(
        self,
        explanation: ValidationError,
        *,
        constraint: BaseConstraint,
        candidate: Model | None = None,
        other: Model | None = None,
        is_race: bool = False,
    ) -> None:
        self.constraint = constraint
        self.candidate = candidate
        self.other = other
        self.is_race = is_race
        super().__init__(explanation)


class ExtensionMissing(ModernizeError, NotSupportedError):
    """A PostgreSQL database lacks the extension that a constraint needs, and cannot create it."""

    def __init__(self, constraint_name: str, fields: Sequence[str]) -> None:
        super().__init__(
            f"NoOverlap {constraint_name!r} is partitioned by {', '.join(fields)}, which is no "
            "integer, so PostgreSQL needs the extension btree_gist, and this role cannot create "
            "it. Have the database's owner run once: CREATE EXTENSION btree_gist; where the server "
            "does not know it, install PostgreSQL's contrib package first."
        )


class RowsBreakConstraint(ModernizeError, IntegrityError):
    """Stored rows violate a constraint that was to be added; nothing was changed.

    Args:
        constraint_name: The constraint.
        model: The model of the rows.
        keys: The keys of the rows that would have to go.
        advice: What to do now.
    """

    def __init__(
        self, constraint_name: str, model: str, keys: Sequence[object], advice: str
    ) -> None:
        self.constraint_name = constraint_name
        self.keys = list(keys)
        shown = ", ".join(str(key) for key in self.keys[:SHOWN_KEYS])
        more = f" and {len(self.keys) - SHOWN_KEYS:,} more" if len(self.keys) > SHOWN_KEYS else ""
        super().__init__(
            f"{len(self.keys):,} rows of {model} break {constraint_name!r}, which was not added. "
            f"Their keys: {shown}{more}. {advice}"
        )
