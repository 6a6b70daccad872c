"""Exceptions of the constraints: violations, and failures to add a constraint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, NotSupportedError
from django.db.models import BaseConstraint, Model

from ..exceptions import ModernizeError

__all__ = ["ConstraintViolated", "ExtensionMissing", "RowsBreakConstraint"]

SHOWN_KEYS: Final = 20
"""The number of rows that a message lists."""


class ConstraintViolated(ModernizeError, ValidationError, IntegrityError):
    """The database refused rows. The message is the same as that of validation.

    Args:
        explanation: The validation error.
        constraint: The constraint that was violated.
        candidate: The instance that was refused, if known.
        other: The conflicting row, if known.
        is_race: Whether the other row was being written concurrently, by a transaction that may
            still roll back, so that a retry can succeed.
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
    """A PostgreSQL extension that a constraint needs is missing and cannot be created."""

    def __init__(self, constraint_name: str, fields: Sequence[str]) -> None:
        super().__init__(
            f"NoOverlap {constraint_name!r} is partitioned by {', '.join(fields)}, which is not "
            "an integer, so PostgreSQL needs the extension btree_gist, and this role cannot "
            "create it. Have the database's owner run once: CREATE EXTENSION btree_gist; if the "
            "server does not have it, install PostgreSQL's contrib package first."
        )


class RowsBreakConstraint(ModernizeError, IntegrityError):
    """Stored rows violate a constraint that was to be added. Nothing was changed.

    Args:
        constraint_name: The name of the constraint.
        model: The model of the rows.
        keys: The keys of the rows that would have to be removed.
        advice: What to do next.
    """

    def __init__(
        self, constraint_name: str, model: str, keys: Sequence[object], advice: str
    ) -> None:
        self.constraint_name = constraint_name
        self.keys = list(keys)
        shown = ", ".join(str(key) for key in self.keys[:SHOWN_KEYS])
        more = f" and {len(self.keys) - SHOWN_KEYS:,} more" if len(self.keys) > SHOWN_KEYS else ""
        super().__init__(
            f"{len(self.keys):,} rows of {model} violate {constraint_name!r}, which was not added. "
            f"Their keys: {shown}{more}. {advice}"
        )
