"""Turns the database's refusal into the constraint that it speaks of, and into its message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, router
from django.db.models import BaseConstraint, Model, UniqueConstraint

from .no_overlap import NoOverlap
from .parent_key import ParentKey, find_bonds
from .references import find_referenced_fields
from .same_parent import SameParent

__all__ = [
    "explain_violation",
    "find_raced_constraint",
    "find_unnamed_constraint",
    "find_violated_constraint",
    "list_constraints",
]

# SQLite has no field for the name; these are the messages of its own and of our triggers.
NAMED: Final = re.compile(r"^(?:CHECK|CYCLE|EXCLUDE) constraint failed: (?P<name>.+)$")
INDEXED: Final = re.compile(r"^UNIQUE constraint failed: index '(?P<name>.+)'$")
UNIQUE: Final = re.compile(r"^UNIQUE constraint failed: (?P<columns>.+)$")
UNNAMED: Final = "FOREIGN KEY constraint failed"

DEADLOCK: Final = "40P01"
EXCLUSION: Final = re.compile(r'exclusion constraint .* in relation "(?P<table>.+)"')
"""Where PostgreSQL says that a writer waited, a row being no such place."""


def find_violated_constraint(model: type[Model], error: DatabaseError) -> BaseConstraint | None:
    """Return the constraint of a model that the database says was violated.

    Args:
        model: The model whose row was refused.
        error: What Django raised.

    Returns:
        ``None`` if the error is about something else, such as a foreign key or ``unique=True``.
    """
    owned = list(list_constraints(model))
    name = _read_name(error)
    if name is not None:
        own = (found for _, found in owned if found.name == name)
        return next(own, None) or _find_parent_key(model, name)
    columns = _read_columns(error)
    return next((found for owner, found in owned if _list_columns(owner, found) == columns), None)


def explain_violation(
    error: IntegrityError, instance: Model, *, using: str | None = None
) -> ValidationError | None:
    """Return the validation error of the constraint that a database error is about.

    >>> try:
    ...     booking.save()
    ... except IntegrityError as error:
    ...     raise (explain_violation(error, booking) or error) from error

    Args:
        error: What Django raised.
        instance: The row that was refused.
        using: The database; the one that the instance is written to by default.

    Returns:
        ``None`` if no constraint of the model was violated. The error names the row in the way if
        that can still be queried, which a transaction broken by the error does not allow.

    Costs up to one query.
    """
    model = type(instance)
    alias = using or router.db_for_write(model, instance=instance)
    constraint = find_violated_constraint(model, error) or find_unnamed_constraint(
        model, error, [instance], alias
    )
    if constraint is None:
        return None
    owner = next(owner for owner, found in list_constraints(model) if found is constraint)
    try:
        constraint.validate(owner, instance, using=alias)
    except ValidationError as explained:
        return explained
    except DatabaseError:
        pass
    message = constraint.get_violation_error_message()
    return ValidationError(str(message), code=constraint.violation_error_code)


def find_raced_constraint(model: type[Model], error: DatabaseError) -> NoOverlap | None:
    """Return the ``NoOverlap`` at which PostgreSQL found two writers waiting for one another.

    Each had written its row, and waited to see whether the other's overlapping one would stay. The
    error is a deadlock, which names the table alone.

    Returns:
        ``None`` for any other error, as a deadlock over something else.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or diagnosis.sqlstate != DEADLOCK:
        return None
    place = EXCLUSION.search(diagnosis.context or "")
    for owner, constraint in list_constraints(model):
        if place and isinstance(constraint, NoOverlap) and owner._meta.db_table == place["table"]:
            return constraint
    return None


def find_unnamed_constraint(
    model: type[Model], error: DatabaseError, candidates: Iterable[Model], using: str
) -> BaseConstraint | None:
    """Return the constraint that holds rows together, where a foreign key of SQLite was violated.

    SQLite does not say which it was, so the candidates are judged by each.

    Costs a query for each candidate and each such constraint.
    """
    if str(error) != UNNAMED:
        return None
    bonds = [
        (owner, found)
        for owner, found in list_constraints(model)
        if isinstance(found, SameParent | ParentKey)
    ]
    for candidate in candidates if bonds else ():
        for owner, bond in bonds:
            try:
                bond.validate(owner, candidate, using=using)
            except ValidationError:
                return bond
    return None


def list_constraints(model: type[Model]) -> Iterator[tuple[type[Model], BaseConstraint]]:
    """Yield the constraints of a model's own table and its parents', with whose each is."""
    for owner in (model, *model._meta.all_parents):
        for constraint in owner._meta.constraints:
            yield owner, constraint


def _find_parent_key(model: type[Model], name: str) -> ParentKey | None:
    """Return the key that children hold on to by a constraint of theirs."""
    for _, key in list_constraints(model):
        if isinstance(key, ParentKey) and name in {
            bond.name for _, bond in find_bonds(model, key.field)
        }:
            return key
    return None


def _read_name(error: DatabaseError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name)
    found = NAMED.match(str(error)) or INDEXED.match(str(error))
    return None if found is None else found["name"]


def _read_columns(error: DatabaseError) -> frozenset[str] | None:
    found = UNIQUE.match(str(error))
    return None if found is None else frozenset(found["columns"].split(", "))


def _list_columns(model: type[Model], constraint: BaseConstraint) -> frozenset[str]:
    if not isinstance(constraint, UniqueConstraint):
        return frozenset()
    fields = find_referenced_fields(model, constraint.fields, None)
    return frozenset(f"{model._meta.db_table}.{field.column}" for field in fields)
