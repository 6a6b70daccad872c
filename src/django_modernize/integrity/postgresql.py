"""``NoOverlap`` on PostgreSQL: an exclusion constraint on a GiST index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Field, Func, IntegerField, Model, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from .exceptions import ExtensionMissing
from .references import RANGE_TYPES, column_of, compile_condition, describe_kind

if TYPE_CHECKING:
    from django.contrib.postgres.constraints import ExclusionConstraint

    from .no_overlap import NoOverlap

__all__ = [
    "CANDIDATE_SOURCE",
    "compile_membership",
    "constraint_sql",
    "create_sql",
    "extract_value",
    "match_rows",
    "remove_sql",
]

INTEGER_TYPES: Final = frozenset({"bigint", "boolean", "integer", "smallint"})
"""The integer types, compared as ranges of a single number, which GiST supports natively."""

CREATE_EXTENSION: Final = "CREATE EXTENSION IF NOT EXISTS btree_gist"
"""A trusted extension: any user who may create objects in the database may create it."""


def constraint_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Any:
    """Return the clause for ``CREATE TABLE``, after creating the extension if needed.

    Raises:
        ExtensionMissing: A partition needs ``btree_gist``, and it cannot be created.
    """
    exclusion = build_exclusion(constraint, model, schema_editor)
    return exclusion.constraint_sql(model, schema_editor)


def create_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Any:
    """Return the statement that adds the constraint to a table. It fails if rows overlap.

    Raises:
        ExtensionMissing: A partition needs ``btree_gist``, and it cannot be created.
    """
    exclusion = build_exclusion(constraint, model, schema_editor)
    return exclusion.create_sql(model, schema_editor)


def remove_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Any:
    """Return the statement that drops the constraint."""
    connection = schema_editor.connection
    return _describe_exclusion(constraint, model, connection).remove_sql(model, schema_editor)


def build_exclusion(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> ExclusionConstraint:
    """Return the equivalent Django constraint.

    If a partition needs ``btree_gist``, the extension is created first, which costs one or two
    queries.
    """
    connection = schema_editor.connection
    _, _, *partition = constraint.find_fields(model)
    foreign = [field.name for field in partition if not _is_integer(field, connection)]
    if foreign and not _provide_extension(schema_editor):
        raise ExtensionMissing(constraint.name, foreign)
    return _describe_exclusion(constraint, model, connection)


def _describe_exclusion(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> ExclusionConstraint:
    # Requires psycopg, which a project that uses only SQLite does not have.
    from django.contrib.postgres.constraints import ExclusionConstraint

    start, end, *partition = constraint.find_fields(model)
    period = Func(F(start.name), F(end.name), Value("[)"), function=_range_function(start))
    expressions = [*(_compare_partition(field, connection) for field in partition), (period, "&&")]
    return ExclusionConstraint(
        name=constraint.name,
        expressions=expressions,
        condition=constraint.membership(model),
        deferrable=constraint.deferrable,
    )


def _compare_partition(
    field: Field[Any, Any], connection: BaseDatabaseWrapper
) -> tuple[Combinable, str]:
    if not _is_integer(field, connection):
        return F(field.name), "="
    is_boolean = field.db_type(connection) == "boolean"
    number = Cast(field.name, IntegerField()) if is_boolean else F(field.name)
    return Func(number, number, Value("[]"), function="int8range"), "&&"


def _range_function(start: Field[Any, Any]) -> str:
    return RANGE_TYPES[describe_kind(start) or ""]


def _is_integer(field: Field[Any, Any], connection: BaseDatabaseWrapper) -> bool:
    return field.db_type(connection) in INTEGER_TYPES


def _provide_extension(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    """Create the extension if it is missing, and return whether it exists now."""
    if schema_editor.collect_sql:
        # For sqlmigrate, which shows what would run.
        schema_editor.execute(CREATE_EXTENSION)
        return True
    if _has_extension(schema_editor.connection):
        return True
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute(CREATE_EXTENSION)
    except DatabaseError:
        return False
    return True


def _has_extension(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'")
        return cursor.fetchone() is not None


def compile_membership(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper, alias: str | None
) -> tuple[str, list[Any]]:
    """Return the condition for the rows that count, as SQL with parameters."""
    return compile_condition(model, constraint.membership(model), connection, alias=alias)


CANDIDATE_SOURCE: Final = "jsonb_array_elements(%s::jsonb) AS element(value)"
"""A table of JSON arrays from one parameter, in a column called ``value``."""


def extract_value(position: int, field: Field[Any, Any] | None, database_type: str) -> str:
    """Return the SQL for one item of a candidate's array."""
    return f"(value ->> {position})::{database_type}"


def match_rows(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return the condition that a stored row overlaps with a candidate, as SQL with parameters.

    The ranges are written as in the constraint, so that its index is used. The additional
    comparison of plain columns is for a database without the constraint and for small tables that
    are scanned: building two ranges for each pair of rows takes five times as long.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    start, end, *partition = constraint.find_fields(model)
    terms = []
    for field in partition:
        column = quote(column_of(field))
        terms.append(f"{table}.{column} = candidate.{column}")
        if _is_integer(field, connection):
            cast = "::integer" if field.db_type(connection) == "boolean" else ""
            terms.append(_overlap_ranges("int8range", table, column + cast, column + cast, "[]"))
    first, last = quote(column_of(start)), quote(column_of(end))
    terms.append(f"{table}.{first} < candidate.{last} AND candidate.{first} < {table}.{last}")
    terms.append(_overlap_ranges(_range_function(start), table, first, last, "[)"))
    return " AND ".join(terms), []


def _overlap_ranges(function: str, table: str, lower: str, upper: str, bounds: str) -> str:
    stored, candidate = (
        f"{function}({alias}.{lower}, {alias}.{upper}, '{bounds}')"
        for alias in (table, "candidate")
    )
    return f"{stored} && {candidate}"
