"""Find the constraint that a database error refers to, and its validation error."""

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

# SQLite reports the constraint only in the message. These are its own and our triggers' messages.
NAMED: Final = re.compile(r"^(?:CHECK|CYCLE|EXCLUDE) constraint failed: (?P<name>.+)$")
INDEXED: Final = re.compile(r"^UNIQUE constraint failed: index '(?P<name>.+)'$")
UNIQUE: Final = re.compile(r"^UNIQUE constraint failed: (?P<columns>.+)$")
UNNAMED: Final = "FOREIGN KEY constraint failed"

DEADLOCK: Final = "40P01"
EXCLUSION: Final = re.compile(r'exclusion constraint .* in relation "(?P<table>.+)"')
"""Matches a PostgreSQL deadlock whose writer waited for an exclusion constraint, not for a row."""


def find_violated_constraint(model: type[Model], error: DatabaseError) -> BaseConstraint | None:
    """Return the model's constraint that a database error refers to.

    Args:
        model: The model whose row was refused.
        error: The error that Django raised.

    Returns:
        The constraint, or ``None`` if the error is about something else, such as a foreign key or
        ``unique=True``.
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
        error: The error that Django raised.
        instance: The instance that was refused.
        using: The alias of the database. Defaults to the one that the instance is written to.

    Returns:
        The validation error, or ``None`` if no constraint of the model was violated. It names the
        conflicting row if the database can still be queried, which it cannot in a transaction that
        the error has aborted.

    Costs at most one query.
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
    """Return the ``NoOverlap`` for which two concurrent writers deadlocked on PostgreSQL.

    Each had written its row and waited to see whether the other's overlapping row would be
    committed. The deadlock error names only the table.

    Returns:
        The constraint, or ``None`` for any other error, including other deadlocks.
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
    """Return the ``SameParent`` or ``ParentKey`` for a violated foreign key on SQLite.

    SQLite does not report which key it was, so the candidates are validated against each.

    Costs one query for each candidate and each such constraint.
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
    """Yield the constraints of the tables of a model and its parents, each with its model."""
    for owner in (model, *model._meta.all_parents):
        for constraint in owner._meta.constraints:
            yield owner, constraint


def _find_parent_key(model: type[Model], name: str) -> ParentKey | None:
    """Return the ``ParentKey`` that a constraint of a child references."""
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
