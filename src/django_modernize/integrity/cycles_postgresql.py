"""``NoCycle`` on PostgreSQL: a trigger, and a function that tests whether a row closes a cycle.

The function is bound to the table when it is created, so it survives renames of the table and its
columns. Two transactions could each add half of a cycle without seeing the other's half, so
writers wait for each other until their transactions end. What happens then depends on the
isolation level: under READ COMMITTED the second writer sees the other's rows, and under
SERIALIZABLE PostgreSQL refuses one of the two. Under REPEATABLE READ the cycle would go unnoticed,
so such writes are refused.
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

CREATE_QUESTION: Final = (
    "CREATE OR REPLACE FUNCTION %(name)s(edge %(table)s) RETURNS boolean LANGUAGE sql BEGIN ATOMIC "
    "SELECT EXISTS (WITH RECURSIVE reached(node) AS ("
    "SELECT stored.%(target)s FROM %(table)s AS stored WHERE %(same)s AND %(stored)s UNION "
    "SELECT stored.%(target)s FROM reached JOIN %(table)s AS stored "
    "ON stored.%(source)s = reached.node WHERE %(stored)s) "
    "SELECT 1 FROM reached WHERE reached.node = (edge).%(source)s); END"
)

CREATE_GUARD: Final = """CREATE OR REPLACE FUNCTION modernize_refuse_cycle() RETURNS trigger
LANGUAGE plpgsql AS $modernize$
DECLARE
  closes boolean;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'Constraint "%%" cannot be kept under REPEATABLE READ.', TG_NAME
      USING ERRCODE = 'feature_not_supported', HINT = 'Use READ COMMITTED or SERIALIZABLE.';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('modernize cycle ' || TG_RELID, 0));
  EXECUTE format('SELECT %%I.%%I($1)', TG_TABLE_SCHEMA, TG_NAME) INTO closes USING NEW;
  IF closes THEN
    RAISE EXCEPTION 'The row closes a circle and violates constraint "%%".', TG_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
        TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
  END IF;
  RETURN NULL;
END
$modernize$"""
"""The trigger function, which all constraints share and which uses the trigger's name."""

CREATE_TRIGGER: Final = (
    "CREATE TRIGGER %(name)s AFTER INSERT OR %(event)s ON %(table)s FOR EACH ROW WHEN (%(new)s) "
    "EXECUTE FUNCTION modernize_refuse_cycle()"
)

# After the trigger is created, nobody else can write until that transaction ends.
JUDGE_STORED: Final = """DO $modernize$
BEGIN
  IF EXISTS (SELECT 1 FROM %(table)s AS edge WHERE %(name)s(edge)) THEN
    RAISE EXCEPTION 'Stored rows lead in a circle, so they violate constraint "%%".', %(literal)s
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = %(literal)s;
  END IF;
END
$modernize$"""

DROP_ALL: Final = "DROP TRIGGER %(name)s ON %(table)s; DROP FUNCTION %(name)s(%(table)s)"


def build_statements(
    constraint: NoCycle, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> list[Statement]:
    """Return one statement that creates the functions and the trigger and checks stored rows.

    Django requests it before the table exists and runs it afterwards, so it must be one statement.
    """
    table = model._meta.db_table
    quote = schema_editor.quote_name
    source, target = constraint.find_fields(model)
    keys = [Columns(table, [column_of(key)], quote) for key in model._meta.pk_fields]
    same = [Statement("stored.%(key)s = (edge).%(key)s", key=key) for key in keys]
    membership = constraint.membership(model)
    named = {"name": quote(constraint.name), "table": Table(table, quote)}
    parts = {
        **named,
        "source": Columns(table, [column_of(source)], quote),
        "target": Columns(table, [column_of(target)], quote),
        "same": _join(" AND ", *same),
        "stored": render_condition(model, membership, schema_editor, alias="stored"),
    }
    names = (source.name, target.name)
    watched = name_watched(model, names, constraint.condition, schema_editor)
    new = render_condition(model, membership, schema_editor, alias="new") or "true"
    literal = schema_editor.quote_value(constraint.name)
    return [
        _join(
            ";\n",
            Statement(CREATE_QUESTION, **parts),
            Statement(CREATE_GUARD),
            Statement(CREATE_TRIGGER, **named, event=watched, new=new),
            Statement(JUDGE_STORED, **named, literal=literal),
        )
    ]


def remove_sql(
    constraint: NoCycle, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Statement:
    """Return the statement that drops the trigger and its function."""
    quote = schema_editor.quote_name
    return Statement(
        DROP_ALL, name=quote(constraint.name), table=Table(model._meta.db_table, quote)
    )


def _join(separator: str, *statements: Statement) -> Statement:
    named = {f"part{number}": statement for number, statement in enumerate(statements)}
    return Statement(separator.join(f"%({name})s" for name in named), **named)
