"""``NoOverlap`` on SQLite, which has no exclusion constraints: triggers and an index of their own.

A trigger asks for the *predecessor*: of the rows that begin before the new one ends, the last. If
that one has ended, every earlier one has, because no two stored rows overlap. So one step into an
index answers, where asking for any overlap reads half of the partition (measured at 100,000 rows:
1.5 times an insert without the trigger, against 20 times). What makes it right is that nothing
overlaps to begin with: making the triggers fails where something does.

The triggers are AFTER triggers, since a BEFORE INSERT trigger refuses an upsert of the same row,
and they stand on SQL alone, so that every program can write to the table.
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
"""What the names of the triggers begin with."""

CREATE_INDEX: Final = "CREATE INDEX %(name)s ON %(table)s (%(columns)s) WHERE %(stored)s"

# The row itself is judged as it is stored, since SQLite compares NEW's values without regard to
# their columns' types; and judged last, since that matters only where something is in the way.
CREATE_TRIGGER: Final = (
    "CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s FOR EACH ROW "
    "WHEN (SELECT %(end)s FROM %(table)s WHERE %(same)s"
    "%(start)s < NEW.%(end)s AND _rowid_ <> NEW._rowid_ AND %(stored)s "
    "ORDER BY %(start)s DESC LIMIT 1) > NEW.%(start)s "
    "AND EXISTS (SELECT 1 FROM %(table)s WHERE _rowid_ = NEW._rowid_ AND %(stored)s) "
    "BEGIN SELECT RAISE(ABORT, %(message)s); END"
)

# It changes nothing: it makes the trigger judge the rows that begin before an earlier one ends.
JUDGE_STORED: Final = (
    "UPDATE %(table)s SET %(touched)s = %(touched)s WHERE _rowid_ IN (SELECT suspect FROM ("
    "SELECT _rowid_ AS suspect, %(start)s AS begins, max(%(end)s) OVER ("
    "%(partition)sORDER BY %(start)s, _rowid_ ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    ") AS ends FROM %(table)s WHERE %(stored)s) WHERE begins < ends)"
)

# Before the candidate's predecessor nothing overlaps while the triggers stand.
EARLIEST_START: Final = (
    "CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = %%s) "
    "THEN coalesce((SELECT max(earlier.%(start)s) FROM %(table)s AS earlier WHERE %(earlier)s), "
    "candidate.%(start)s) ELSE -1e999 END"
)


def constraint_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Put what a table needs behind its creation; inside ``CREATE TABLE`` stands nothing.

    Deferred SQL follows the table when Django rebuilds it under another name.
    """
    schema_editor.deferred_sql.extend(build_statements(constraint, model, schema_editor))


def create_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Statement:
    """Return the last statement for a table that exists, with the others before it deferred."""
    *earlier, last = build_statements(constraint, model, schema_editor)
    schema_editor.deferred_sql.extend(earlier)
    return last


def remove_sql(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Return nothing: Django rebuilds the table, which leaves the triggers behind."""


def build_statements(
    constraint: NoOverlap, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> list[Statement]:
    """Return the index, the two triggers and the judgement of the rows that are there."""
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
    """Return which rows take part, as SQL without parameters.

    The planner uses a partial index only for a query that has the index's own literals.
    """
    return _membership_sql(constraint, model, connection, alias), []


CANDIDATE_SOURCE: Final = "json_each(%s)"
"""A table of JSON arrays out of one parameter; each is called ``value``."""


def extract_value(position: int, field: Field[Any, Any] | None, database_type: str) -> str:
    """Return the SQL for one entry of a candidate's array."""
    extracted = f"json_extract(value, '$[{position}]')"
    # The JSON holds a decimal as text, which no number equals.
    return f"CAST({extracted} AS NUMERIC)" if isinstance(field, DecimalField) else extracted


def match_rows(
    constraint: NoOverlap, model: type[Model], connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return when a stored row overlaps with a candidate, as SQL with its parameters.

    While the triggers stand, no row that overlaps begins before the candidate's predecessor. When
    they do not (the constraint is not in the database yet), every earlier row is looked at.
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
