"""System checks of ``NoCycle``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from .checks import check_condition, check_names, refuse_database
from .vendors import is_supported

if TYPE_CHECKING:
    from .no_cycle import NoCycle

__all__ = ["check_edges"]


def check_edges(
    constraint: NoCycle, model: type[Model], connection: BaseDatabaseWrapper
) -> list[CheckMessage]:
    """Check a ``NoCycle``: E101, E102, E104, E105, W103."""
    if not is_supported(connection):
        return [refuse_database(constraint, model, connection)]
    names = (constraint.source, constraint.target)
    if strangers := check_names(constraint, model, names):
        return strangers
    return [
        *_check_types(constraint, model, connection),
        *check_condition(constraint, model, connection),
        *_check_index(constraint, model),
    ]


def _check_types(
    constraint: NoCycle, model: type[Model], connection: BaseDatabaseWrapper
) -> list[CheckMessage]:
    source, target = constraint.find_fields(model)
    if any(isinstance(field.related_model, str) for field in (source, target)):
        # Django itself reports that the related model does not exist.
        return []
    if _name_type(source, connection) == _name_type(target, connection):
        return []
    return [
        Error(
            f"NoCycle {constraint.name!r} leads from {constraint.source!r} to "
            f"{constraint.target!r}, which are of different types.",
            hint="Make both foreign keys to the same model.",
            obj=model,
            id="modernize.E102",
        )
    ]


def _name_type(field: Field[Any, Any], connection: BaseDatabaseWrapper) -> str | None:
    """Return the type of the field's column, or of one that could reference it."""
    return field.rel_db_type(connection) if field.primary_key else field.db_type(connection)


def _check_index(constraint: NoCycle, model: type[Model]) -> list[CheckMessage]:
    source, _target = constraint.find_fields(model)
    if source.primary_key or source.unique or getattr(source, "db_index", False):
        return []
    starting = [index.fields[:1] for index in model._meta.indexes if not index.condition]
    if [source.name] in starting:
        return []
    return [
        CheckWarning(
            f"NoCycle {constraint.name!r} follows rows by {source.name!r}, which has no index: "
            "each write reads the whole table.",
            hint=f"Write db_index=True at {source.name!r}.",
            obj=model,
            id="modernize.W103",
        )
    ]
