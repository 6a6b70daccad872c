"""``NoOverlap`` on SQLite, which has no exclusion constraints: two triggers and an index.

A trigger selects the *predecessor*: the last of the rows that start before the new one ends. If it
has ended by then, so has every earlier row, because no two stored rows overlap. So one index lookup
is enough, where a search for any overlap reads half of the partition (measured at 100,000 rows: 1.5
times an insert without the trigger, against 20 times). This requires that no rows overlap to begin
with, so creating the triggers fails if any do.

They are AFTER triggers, since a BEFORE INSERT trigger would refuse an upsert of the same row, and
they use only SQL, so that every program can write to the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models import DecimalField, Field, Model

from .references import column_of, name_watched, render_condition

if TYPE_CHECKING:
    from .no_overlap import NoOverlap

__all__ = [
    "CANDIDATE_SOURCE",
    "NAME_PREFIX",
    "compile_membership",
    "constraint_sql",
    "create_sql",
    "extract_value",
    "match_rows",
    "remove_sql",
]

NAME_PREFIX: Final = "modernize_overlap_"
"""The prefix of the triggers' names."""

CREATE_INDEX: Final = "CREATE INDEX %(name)s ON %(table)s (%(columns)s) WHERE %(stored)s"

# Evaluate the condition on the stored row, since SQLite compares the values of NEW without the
# affinity of their columns. Evaluate it last, since it matters only if there is a conflict.
CREATE_TRIGGER: Final = (
    "CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s FOR EACH ROW "
    "WHEN (SELECT %(end)s FROM %(table)s WHERE %(same)s"
    "%(start)s < NEW.%(end)s AND _rowid_ <> NEW._rowid_ AND %(stored)s "
    "ORDER BY %(start)s DESC LIMIT 1) > NEW.%(start)s "
    "AND EXISTS (SELECT 1 FROM %(table)s WHERE _rowid_ = NEW._rowid_ AND %(stored)s) "
    "BEGIN SELECT RAISE(ABORT, %(message)s); END"
)

# An UPDATE without changes, which fires the trigger for rows that start before an earlier one ends.
JUDGE_STORED: Final = (
    "UPDATE %(table)s SET %(touched)s = %(touched)s WHERE _rowid_ IN (SELECT suspect FROM ("
    "SELECT _rowid_ AS suspect, %(start)s AS begins, max(%(end)s) OVER ("
    "%(partition)sORDER BY %(start)s, _rowid_ ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    ") AS ends FROM %(table)s WHERE %(stored)s) WHERE begins < ends)"
)

# While the triggers exist, no row before the candidate's predecessor overlaps with it.
EARLIEST_START: Final = (
    "CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %%s) "
    "THEN coalesce((SELECT max(earlier.%(start)s) FROM %(table)s AS earlier WHERE %(earlier)s), "
    "candidate.%(start)s) ELSE -1e999 END"
)


def constraint_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Defer the statements until the table exists, and add nothing to ``CREATE TABLE``.

    Deferred SQL is adapted when Django rebuilds the table under another name.
    """
    schema_editor.deferred_sql.extend(build_statements(constraint, model, schema_editor))


def create_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Statement:
    """Return the last statement for an existing table, after deferring the others."""
    *earlier, last = build_statements(constraint, model, schema_editor)
    schema_editor.deferred_sql.extend(earlier)
    return last


def remove_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Return nothing: Django rebuilds the table, which drops the triggers."""


def build_statements(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> list[Statement]:
    """Return the statements that create the index and both triggers and check stored rows."""
    parts = _build_parts(constraint, model, schema_editor)
    quote = schema_editor.quote_name
    name = NAME_PREFIX + constraint.name
    watched = name_watched(model, constraint.field_names, constraint.condition, schema_editor)
    return [
        Statement(CREATE_INDEX, **parts, name=quote(constraint.name)),
        Statement(CREATE_TRIGGER, **parts, name=quote(f"{name}_insert"), event="INSERT"),
        Statement(CREATE_TRIGGER, **parts, name=quote(f"{name}_update"), event=watched),
        Statement(JUDGE_STORED, **parts),
    ]


def _build_parts(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> dict[str, Any]:
    table = model._meta.db_table
    quote = schema_editor.quote_name
    start, end, *partition = constraint.find_fields(model)
    touched = start if not start.generated else model._meta.pk_fields[0]

    def refer(*fields: Field[Any, Any]) -> Columns:
        return Columns(table, [column_of(field) for field in fields], quote)

    quoted = [quote(column_of(field)) for field in partition]
    return {
        "table": Table(table, quote),
        "columns": refer(*partition, start, end),
        "start": refer(start),
        "end": refer(end),
        "touched": refer(touched),
        "partition": f"PARTITION BY {', '.join(quoted)} " if quoted else "",
        "same": "".join(f"{column} = NEW.{column} AND " for column in quoted),
        "stored": _membership_sql(constraint, model, schema_editor.connection),
        "message": schema_editor.quote_value(f"EXCLUDE constraint failed: {constraint.name}"),
    }


def _membership_sql(
    constraint: NoOverlap,
    model: type[Model],
    connection: BaseDatabaseWrapper,
    alias: str | None = None,
) -> str:
    editor = connection.SchemaEditorClass(connection)
    return render_condition(model, constraint.membership(model), editor, alias=alias)


def compile_membership(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper, alias: str | None
) -> tuple[str, list[Any]]:
    """Return the condition for the rows that count, as SQL without parameters.

    The planner uses a partial index only if the query has the same literals as the index.
    """
    return _membership_sql(constraint, model, connection, alias), []


CANDIDATE_SOURCE: Final = "json_each(%s)"
"""A table of JSON arrays from one parameter, in a column called ``value``."""


def extract_value(position: int, field: Field[Any, Any] | None, database_type: str) -> str:
    """Return the SQL for one item of a candidate's array."""
    extracted = f"json_extract(value, '$[{position}]')"
    # A decimal is text in the JSON, which does not equal any number.
    return f"CAST({extracted} AS NUMERIC)" if isinstance(field, DecimalField) else extracted


def match_rows(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return the condition that a stored row overlaps with a candidate, as SQL with parameters.

    While the triggers exist, no overlapping row starts before the candidate's predecessor. Without
    them (before the constraint is in the database), every earlier row is checked.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    start, end, *partition = (quote(column_of(field)) for field in constraint.find_fields(model))
    same = [f"{table}.{column} = candidate.{column}" for column in partition]
    earlier = [
        *(f"earlier.{column} = candidate.{column}" for column in partition),
        f"earlier.{start} <= candidate.{start}",
        _membership_sql(constraint, model, connection, "earlier"),
    ]
    bound = EARLIEST_START % {"start": start, "table": table, "earlier": " AND ".join(earlier)}
    overlap = [
        *same,
        f"{table}.{start} < candidate.{end}",
        f"{table}.{end} > candidate.{start}",
        f"{table}.{start} >= {bound}",
    ]
    return " AND ".join(overlap), [f"{NAME_PREFIX}{constraint.name}_insert"]
