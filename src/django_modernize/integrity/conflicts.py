"""Asks which stored rows stand in the way, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from django.db import router
from django.db.models import Model

from .no_overlap import NoOverlap
from .search import search_overlaps

__all__ = ["Conflict", "find_conflicts"]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict(Generic[M]):
    """A candidate and a stored row that cannot both exist."""

    candidate: M
    """The instance that was asked about."""

    other: M
    """The row in the way; of several, each has a conflict of its own, the earliest first.

    An instance of the parent where the constraint is that of a parent's table.
    """

    constraint: NoOverlap
    """The constraint that forbids it."""


def find_conflicts(candidates: Iterable[M], *, using: str | None = None) -> list[Conflict[M]]:
    """Return the stored rows that overlap with candidates, by their model's ``NoOverlap``.

    Candidates are compared with what is stored, not with one another. A saved instance does not
    conflict with its own row. One that does not meet a constraint's condition has no conflict.

    >>> find_conflicts([Booking(property=house, check_in=monday, check_out=friday)])
    [Conflict(candidate=<Booking: ...>, other=<Booking: ...>, constraint=...)]

    Args:
        candidates: Instances of one model, saved or not.
        using: The database to search; by default the one that the model is written to.

    Raises:
        TypeError: The candidates are of different models.

    Costs one query for each ``NoOverlap`` of the model, however many candidates there are.
    """
    asked = list(candidates)
    if not asked:
        return []
    model = type(asked[0])
    if any(type(candidate) is not model for candidate in asked):
        raise TypeError("find_conflicts() takes instances of one model at a time.")
    alias = using or router.db_for_write(model)
    return [
        Conflict(candidate=asked[position], other=cast("M", other), constraint=constraint)
        for owner, constraints in asked[0].get_constraints()
        for constraint in constraints
        if isinstance(constraint, NoOverlap)
        for position, other in search_overlaps(constraint, owner, asked, alias)
    ]
