"""``NoCycle`` on SQLite: two triggers that follow the rows from the target of the new one.

Like those of ``NoOverlap``, they are AFTER triggers, so they check the row as it is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models import Model

from .references import column_of, name_watched, render_condition

if TYPE_CHECKING:
    from .no_cycle import NoCycle

__all__ = ["build_statements", "remove_sql"]

NAME_PREFIX: Final = "modernize_cycle_"
"""The prefix of the triggers' names."""

CREATE_TRIGGER: Final = (
    "CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s FOR EACH ROW "
    "WHEN EXISTS (WITH RECURSIVE reached(node) AS ("
    "SELECT stored.%(target)s FROM %(table)s AS stored "
    "WHERE stored._rowid_ = NEW._rowid_ AND %(stored)s UNION "
    "SELECT stored.%(target)s FROM reached JOIN %(table)s AS stored "
    "ON stored.%(source)s = reached.node WHERE %(stored)s) "
    "SELECT 1 FROM %(table)s AS own JOIN reached ON reached.node = own.%(source)s "
    "WHERE own._rowid_ = NEW._rowid_) "
    "BEGIN SELECT RAISE(ABORT, %(message)s); END"
)

# An UPDATE without changes, which fires the trigger for rows with others before and after them.
JUDGE_STORED: Final = (
    "UPDATE %(table)s SET %(target)s = %(target)s "
    "WHERE %(target)s IN (SELECT %(source)s FROM %(table)s) "
    "AND %(source)s IN (SELECT %(target)s FROM %(table)s)"
)


def build_statements(
    constraint: NoCycle, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> list[Statement]:
    """Return the statements that create the two triggers and check the stored rows."""
    table = model._meta.db_table
    quote = schema_editor.quote_name
    source, target = constraint.find_fields(model)
    parts = {
        "table": Table(table, quote),
        "source": Columns(table, [column_of(source)], quote),
        "target": Columns(table, [column_of(target)], quote),
        "stored": render_condition(
            model, constraint.membership(model), schema_editor, alias="stored"
        ),
        "message": schema_editor.quote_value(f"CYCLE constraint failed: {constraint.name}"),
    }
    name = NAME_PREFIX + constraint.name
    names = (source.name, target.name)
    watched = name_watched(model, names, constraint.condition, schema_editor)
    return [
        Statement(CREATE_TRIGGER, **parts, name=quote(f"{name}_insert"), event="INSERT"),
        Statement(CREATE_TRIGGER, **parts, name=quote(f"{name}_update"), event=watched),
        Statement(JUDGE_STORED, **parts),
    ]


def remove_sql(
    constraint: NoCycle, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Return nothing: Django rebuilds the table, which drops the triggers."""
