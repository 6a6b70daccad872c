"""Find the stored rows that prevent a constraint from being added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BaseConstraint, CheckConstraint, F, Model, UniqueConstraint

from .cycle_search import find_closing_keys
from .no_cycle import NoCycle
from .no_overlap import NoOverlap
from .references import column_of, compile_condition, compile_expression
from .same_parent import SameParent

__all__ = ["find_breaches"]

Query = tuple[str, list[Any]]
Builder = Callable[[Any, type[Model], BaseDatabaseWrapper], Query]

CHECKED: Final = "SELECT %(key)s FROM %(table)s WHERE NOT (%(condition)s) ORDER BY %(key)s"

# Keep the row with the smallest key.
REPEATED: Final = (
    "SELECT %(key)s FROM (SELECT %(key)s, row_number() OVER (PARTITION BY %(values)s ORDER BY "
    "%(key)s) AS place FROM %(table)s WHERE %(counted)s) AS numbered WHERE place > 1 "
    "ORDER BY %(key)s"
)

# Keep the earliest of overlapping rows: a row has to go if it starts before the end of an earlier
# row that is kept. Some rows may only be found in a second pass.
OVERLAPPING: Final = (
    "WITH ranged AS (SELECT %(key)s, %(columns)s, max(%(end)s) OVER (%(earlier)s) AS latest "
    "FROM %(table)s WHERE %(condition)s), judged AS (SELECT %(key)s, %(start)s AS begins, "
    "max(CASE WHEN latest IS NULL OR latest <= %(start)s THEN %(end)s END) OVER (%(earlier)s) "
    "AS certain FROM ranged) SELECT %(key)s FROM judged WHERE begins < certain ORDER BY %(key)s"
)
EARLIER: Final = (
    "%(partition)sORDER BY %(start)s, %(key)s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
)

PARTED: Final = (
    "SELECT child.%(key)s FROM %(table)s AS child JOIN %(parents)s AS parent "
    "ON parent.%(parent_key)s = child.%(relation)s WHERE child.%(field)s IS NOT NULL AND "
    "(parent.%(parent_field)s IS NULL OR parent.%(parent_field)s <> child.%(field)s) "
    "ORDER BY child.%(key)s"
)


def find_breaches(constraint: BaseConstraint, model: type[Model], using: str) -> list[Any]:
    """Return the keys of the stored rows to remove before a constraint can be added.

    Of conflicting rows, one is kept: the one with the smallest key for duplicates and cycles, the
    one that starts first for overlapping ranges. If ranges overlap in a chain, call this again
    after removing the rows, to find those that conflicted only with removed rows.

    Args:
        constraint: A constraint of this library, a ``CheckConstraint`` or ``UniqueConstraint``.
        model: The model, or its state in a migration, without the constraint in the database.
        using: The alias of the database.

    Raises:
        TypeError: The constraint is of another kind.

    Costs one query that reads the whole table.
    """
    connection = connections[using]
    if len(model._meta.pk_fields) > 1:
        raise TypeError(f"{model.__name__} has a key of several columns, which is not supported.")
    key = model._meta.pk_fields[0]
    if isinstance(constraint, NoCycle):
        closing = find_closing_keys(constraint, model, connection)
        return [key.to_python(value) for value in closing]
    build = _find_builder(constraint)
    sql, params = build(constraint, model, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [key.to_python(value) for (value,) in cursor.fetchall()]


def _find_builder(constraint: BaseConstraint) -> Builder:
    for kind, build in BUILDERS.items():
        if isinstance(constraint, kind):
            return build
    raise TypeError(
        f"{type(constraint).__name__} {constraint.name!r} is of a kind whose violations cannot be "
        "searched for: add it with AddConstraint."
    )


def _name_table(model: type[Model], connection: BaseDatabaseWrapper) -> dict[str, str]:
    quote = connection.ops.quote_name
    key = column_of(model._meta.pk_fields[0])
    return {"table": quote(model._meta.db_table), "key": quote(key)}


def _query_checked(
    constraint: CheckConstraint, model: type[Model], connection: BaseDatabaseWrapper
) -> Query:
    condition, params = compile_condition(model, constraint.condition, connection)
    return CHECKED % {**_name_table(model, connection), "condition": condition}, params


def _query_repeated(
    constraint: UniqueConstraint, model: type[Model], connection: BaseDatabaseWrapper
) -> Query:
    compiled = [
        compile_expression(model, expression, connection)
        for expression in constraint.expressions or map(F, constraint.fields)
    ]
    values = [sql for sql, _ in compiled]
    params = [param for _, params in compiled for param in params]
    counted = [] if constraint.nulls_distinct is False else [f"{sql} IS NOT NULL" for sql in values]
    counted_params = params if counted else []
    if constraint.condition is not None:
        condition, more = compile_condition(model, constraint.condition, connection)
        counted, counted_params = [*counted, f"({condition})"], [*counted_params, *more]
    sql = REPEATED % {
        **_name_table(model, connection),
        "values": ", ".join(values),
        "counted": " AND ".join(counted) or "true",
    }
    return sql, [*params, *counted_params]


def _query_overlapping(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> Query:
    quote = connection.ops.quote_name
    fields = constraint.find_fields(model)
    start, end, *partition = (quote(column_of(field)) for field in fields)
    condition, params = compile_condition(model, constraint.membership(model), connection)
    names = _name_table(model, connection)
    parted = f"PARTITION BY {', '.join(partition)} " if partition else ""
    earlier = EARLIER % {**names, "start": start, "partition": parted}
    columns = ", ".join(dict.fromkeys([start, end, *partition]))
    sql = OVERLAPPING % {
        **names,
        "start": start,
        "end": end,
        "columns": columns,
        "condition": condition,
        "earlier": earlier,
    }
    return sql, params


def _query_parted(
    constraint: SameParent, model: type[Model], connection: BaseDatabaseWrapper
) -> Query:
    quote = connection.ops.quote_name
    bond = constraint.find_bond(model)
    sql = PARTED % {
        **_name_table(model, connection),
        "parents": quote(bond.parent._meta.db_table),
        "parent_key": quote(column_of(bond.key)),
        "relation": quote(column_of(bond.relation)),
        "field": quote(column_of(bond.field)),
        "parent_field": quote(column_of(bond.parent_field)),
    }
    return sql, []


BUILDERS: Final[dict[type[BaseConstraint], Builder]] = {
    CheckConstraint: _query_checked,
    UniqueConstraint: _query_repeated,
    NoOverlap: _query_overlapping,
    SameParent: _query_parted,
}
