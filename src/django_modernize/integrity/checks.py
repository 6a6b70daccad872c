"""System checks of the constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import FieldError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BaseConstraint, CheckConstraint, F, Field, Model, Q

from .references import RANGE_TYPES, compile_condition, describe_kind, find_reference_names
from .vendors import is_supported

if TYPE_CHECKING:
    from .before import Before
    from .no_cycle import NoCycle
    from .no_overlap import NoOverlap
    from .unique_alive import UniqueAlive

__all__ = [
    "check_condition",
    "check_deletion_field",
    "check_names",
    "check_nulls",
    "check_ranges",
    "check_same_kind",
    "refuse_database",
]

DJANGO_FUNCTION: Final = re.compile(r"\bdjango_\w+|\bREGEXP\b")


def check_ranges(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> list[CheckMessage]:
    """Check a ``NoOverlap``: E101, E102, E104, E105, W101, W102."""
    if not is_supported(connection):
        return [refuse_database(constraint, model, connection)]
    if strangers := check_names(constraint, model, constraint.field_names):
        return strangers
    return [
        *_check_bounds(constraint, model),
        *check_condition(constraint, model, connection),
        *_check_order(constraint, model),
        *_check_nullable(constraint, model),
    ]


def check_names(
    constraint: NoCycle | NoOverlap, model: type[Model], names: Sequence[str]
) -> list[CheckMessage]:
    """Return E101 for each name, including those in the condition, that is not a column."""
    strangers = [
        name
        for name in (*names, *find_reference_names(model, constraint.condition))
        if name != "pk" and _find_local_field(model, name) is None
    ]
    return [_refuse_name(constraint, model, name) for name in dict.fromkeys(strangers)]


def check_same_kind(
    constraint: Before | NoOverlap, model: type[Model], names: Sequence[str]
) -> list[CheckMessage]:
    """Return E102 if two fields hold different kinds of values. Unknown names pass."""
    fields = [_find_local_field(model, name) for name in names]
    kinds = [describe_kind(field) for field in fields if field is not None]
    if len(kinds) < len(names) or len(set(kinds)) == 1:
        return []
    return [
        Error(
            f"{_describe(constraint)} compares {names[0]!r} with {names[1]!r}, "
            "which are of different types.",
            hint=f"Make {names[1]!r} a {type(fields[0]).__name__} as well.",
            obj=model,
            id="modernize.E102",
        )
    ]


def check_deletion_field(constraint: UniqueAlive, model: type[Model]) -> list[CheckMessage]:
    """Return E103 if the model is not soft-deletable."""
    if _find_local_field(model, "deleted_at") is not None:
        return []
    return [
        Error(
            f"{_describe(constraint)} counts live rows, but {model.__name__} has no field "
            "'deleted_at' of its own.",
            hint=f"class {model.__name__}(SoftDeleteMixin, models.Model), with SoftDeleteMixin "
            "from django_modernize.models; or use UniqueConstraint.",
            obj=model,
            id="modernize.E103",
        )
    ]


def check_nulls(
    constraint: UniqueAlive, model: type[Model], connection: BaseDatabaseWrapper
) -> list[CheckMessage]:
    """Return E106 if the database cannot treat ``NULL`` as a unique value."""
    knows_nulls = connection.features.supports_nulls_distinct_unique_constraints
    if constraint.nulls_distinct is None or knows_nulls or connection.vendor == "sqlite":
        return []
    return [
        Error(
            f"{_describe(constraint)} allows only one NULL, which this version of "
            f"{connection.display_name} does not support; the constraint would not be created.",
            hint="Use PostgreSQL 15 or later, or leave out nulls_distinct=False.",
            obj=model,
            id="modernize.E106",
        )
    ]


def _describe(constraint: BaseConstraint) -> str:
    return f"{type(constraint).__name__} {constraint.name!r}"


def _find_local_field(model: type[Model], name: str) -> Field[Any, Any] | None:
    own = model._meta.local_concrete_fields
    return next((field for field in own if name in (field.name, field.attname)), None)


def refuse_database(
    constraint: NoCycle | NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> CheckMessage:
    """Return E104 for an unsupported database."""
    return Error(
        f"{_describe(constraint)} is not supported by {connection.display_name}.",
        hint="Use PostgreSQL or SQLite, or route the model to such a database.",
        obj=model,
        id="modernize.E104",
    )


def _refuse_name(constraint: NoCycle | NoOverlap, model: type[Model], name: str) -> CheckMessage:
    own = ", ".join(sorted(field.name for field in model._meta.local_concrete_fields))
    return Error(
        f"{_describe(constraint)} names {name!r}, which is no column of {model.__name__}.",
        hint=f"Name one of the model's own fields: {own}.",
        obj=model,
        id="modernize.E101",
    )


def _check_bounds(constraint: NoOverlap, model: type[Model]) -> list[CheckMessage]:
    names = (constraint.start, constraint.end)
    if differing := check_same_kind(constraint, model, names):
        return differing
    start = constraint.find_fields(model)[0]
    if describe_kind(start) in RANGE_TYPES:
        return []
    return [
        Error(
            f"{_describe(constraint)} has a range of {type(start).__name__}s.",
            hint="Use DateField, DateTimeField or an integer field for both.",
            obj=model,
            id="modernize.E102",
        )
    ]


def check_condition(
    constraint: NoCycle | NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> Iterator[CheckMessage]:
    """Yield E101 or E105 if a table, or SQLite in particular, cannot evaluate the condition."""
    if constraint.condition is None:
        return
    try:
        sql, _params = compile_condition(model, constraint.condition, connection)
    except FieldError as error:
        yield Error(
            f"{_describe(constraint)} has a condition that cannot be evaluated on the table "
            f"alone: {error}",
            hint="Compare the model's own columns, without following a relation.",
            obj=model,
            id="modernize.E101",
        )
        return
    if connection.vendor == "sqlite" and (found := DJANGO_FUNCTION.search(sql)):
        yield Error(
            f"{_describe(constraint)} has a condition for which SQLite needs {found[0]!r}, which "
            "only exists in Django's own connections: writes from any other program would fail.",
            hint="Compare with plain values: __gte and __lt in place of __month, or __in.",
            obj=model,
            id="modernize.E105",
        )


def _check_order(constraint: NoOverlap, model: type[Model]) -> Iterator[CheckMessage]:
    start, end = constraint.start, constraint.end
    ordered = [Q((f"{start}__{lookup}", F(end))) for lookup in ("lt", "lte")]
    if not any(
        isinstance(other, CheckConstraint) and other.condition in ordered
        for other in model._meta.constraints
    ):
        yield CheckWarning(
            f"{_describe(constraint)} ignores a row whose {start!r} is not before its "
            f"{end!r}, and nothing refuses such a row.",
            hint=f'Add to Meta.constraints: Before("{start}", "{end}", '
            f'name="{model._meta.model_name}_{start}_before_{end}").',
            obj=model,
            id="modernize.W101",
        )


def _check_nullable(constraint: NoOverlap, model: type[Model]) -> Iterator[CheckMessage]:
    meant = set(_list_null_tests(constraint.condition))
    for field in constraint.find_fields(model):
        if field.null and field.name not in meant:
            yield CheckWarning(
                f"{_describe(constraint)} ignores a row without {field.name!r}.",
                hint=f"Make it null=False, or confirm that this is intended: "
                f"condition=Q({field.name}__isnull=False).",
                obj=model,
                id="modernize.W102",
            )


def _list_null_tests(condition: Q | None) -> Iterator[str]:
    for child in () if condition is None else condition.children:
        if isinstance(child, Q):
            yield from _list_null_tests(child)
        elif isinstance(child, tuple) and str(child[0]).endswith("__isnull"):
            yield str(child[0]).removesuffix("__isnull")
