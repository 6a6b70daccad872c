"""Find the conflicting stored rows before anything is written."""

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
    """The instance to be written."""

    other: M
    """The conflicting row. Each conflicting row has its own ``Conflict``, the earliest first.

    An instance of the parent model if the constraint belongs to a parent's table.
    """

    constraint: NoOverlap
    """The constraint that both rows would violate."""


def find_conflicts(candidates: Iterable[M], *, using: str | None = None) -> list[Conflict[M]]:
    """Return the stored rows that overlap with candidates under ``NoOverlap`` constraints.

    Candidates are compared with stored rows, not with each other. A saved instance does not
    conflict with its own row. One that does not satisfy a constraint's condition has no conflict.

    >>> find_conflicts([Booking(property=house, check_in=monday, check_out=friday)])
    [Conflict(candidate=<Booking: ...>, other=<Booking: ...>, constraint=...)]

    Args:
        candidates: Instances of one model, saved or not.
        using: The alias of the database. Defaults to the one that the model is written to.

    Raises:
        TypeError: The candidates are of different models.

    Costs one query per ``NoOverlap`` of the model, however many candidates there are.
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
