"""Lets any write, of one row, of many or in raw SQL, fail with the constraint's own error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, router, transaction
from django.db.models import BaseConstraint, Model

from .exceptions import ConstraintViolated
from .no_overlap import NoOverlap
from .search import search_overlaps, search_rivals
from .violations import (
    find_raced_constraint,
    find_unnamed_constraint,
    find_violated_constraint,
    list_constraints,
)

__all__ = ["REFUSALS", "explain_error", "explain_refusals"]

REFUSALS: Final = (IntegrityError, OperationalError)
"""What Django raises where a constraint was violated."""


@contextmanager
def explain_refusals(
    model: type[Model], candidates: Iterable[Model] = (), *, using: str | None = None
) -> Iterator[None]:
    """Raise :class:`ConstraintViolated` if the database refuses rows of a model in a block.

    The block is a transaction, or a savepoint of the open one: after a refusal it is rolled back,
    and the database can be asked for the row in the way. A deferred constraint is reported here
    only if the block is the outermost transaction.

    >>> with explain_refusals(Booking, bookings):
    ...     Booking.objects.bulk_create(bookings)

    Args:
        model: Whose constraints may be violated.
        candidates: The instances that the block writes, if there are any: one is looked for that
            was refused, and the stored row, or the other candidate, in its way.
        using: The database; the one that the model is written to by default.

    Raises:
        ConstraintViolated: A constraint of the model was violated. Two transactions of PostgreSQL
            that write overlapping ranges in the same moment may wait for one another; the one
            that PostgreSQL ends gets this error too, in place of an ``OperationalError``.

    Costs a savepoint where a transaction is open; after a refusal, two queries for a ``NoOverlap``
    and up to one for each candidate for any other constraint.
    """
    alias = using or router.db_for_write(model)
    asked = list(candidates)
    try:
        with transaction.atomic(using=alias):
            yield
    except ConstraintViolated:
        raise
    except REFUSALS as error:
        explained = explain_error(model, error, asked, using=alias)
        if explained is None:
            raise
        raise explained from error


def explain_error(
    model: type[Model],
    error: Exception,
    candidates: Sequence[Model] = (),
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> ConstraintViolated | None:
    """Return what an error of the database says of a model's constraints, if it speaks of one.

    Args:
        model: Whose constraints may be violated.
        error: What Django raised.
        candidates: The instances that were written, while the database can be asked of them.
        using: The database.
    """
    if isinstance(error, ConstraintViolated):
        return error
    if not isinstance(error, REFUSALS):
        return None
    raced = find_raced_constraint(model, error)
    constraint = (
        raced
        or find_violated_constraint(model, error)
        or find_unnamed_constraint(model, error, candidates, using)
    )
    if constraint is None:
        return None
    owner = next(owner for owner, found in list_constraints(model) if found is constraint)
    if isinstance(constraint, NoOverlap):
        candidate, other = _find_pair(constraint, owner, candidates, using)
        return ConstraintViolated(
            constraint.describe_refusal(other),
            constraint=constraint,
            candidate=candidate,
            other=other,
            is_race=raced is not None,
        )
    candidate, explanation = _find_refused(constraint, owner, candidates, using)
    return ConstraintViolated(explanation, constraint=constraint, candidate=candidate)


def _find_pair(
    constraint: NoOverlap, owner: type[Model], candidates: Sequence[Model], using: str
) -> tuple[Model | None, Model | None]:
    for position, other in search_overlaps(constraint, owner, candidates, using):
        return candidates[position], other
    for later, earlier in search_rivals(constraint, owner, candidates, using):
        return candidates[later], candidates[earlier]
    return None, None


def _find_refused(
    constraint: BaseConstraint, owner: type[Model], candidates: Sequence[Model], using: str
) -> tuple[Model | None, ValidationError]:
    for candidate in candidates:
        try:
            constraint.validate(owner, candidate, using=using)
        except ValidationError as explanation:
            return candidate, explanation
    message = str(constraint.get_violation_error_message())
    return None, ValidationError(message, code=constraint.violation_error_code)
