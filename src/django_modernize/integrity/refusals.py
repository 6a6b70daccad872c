"""Convert database errors of any write into the error of the violated constraint."""

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
"""The exceptions that Django raises if a constraint is violated."""


@contextmanager
def explain_refusals(
    model: type[Model], candidates: Iterable[Model] = (), *, using: str | None = None
) -> Iterator[None]:
    """Raise :class:`ConstraintViolated` if the database refuses rows of a model in the block.

    The block runs in a transaction, or in a savepoint if one is open. A refusal rolls it back, so
    that the conflicting row can be queried afterwards. A constraint checked at the end of the
    transaction is only covered if the block is the outermost transaction.

    >>> with explain_refusals(Booking, bookings):
    ...     Booking.objects.bulk_create(bookings)

    Args:
        model: The model whose constraints may be violated.
        candidates: The instances that the block writes, if any, used to find the refused instance
            and the stored row or other candidate that conflicts with it.
        using: The alias of the database. Defaults to the one that the model is written to.

    Raises:
        ConstraintViolated: A constraint of the model was violated. On PostgreSQL, concurrent
            transactions that write overlapping ranges may deadlock. The one that PostgreSQL
            aborts raises this error too, instead of ``OperationalError``.

    Costs a savepoint if a transaction is open. After a refusal, costs two queries for a
    ``NoOverlap``, and up to one per candidate for any other constraint.
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
    """Return the constraint violation that a database error describes, if any.

    Args:
        model: The model whose constraints may be violated.
        error: The error that Django raised.
        candidates: The instances that were written, if the database can still be queried.
        using: The alias of the database.
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
