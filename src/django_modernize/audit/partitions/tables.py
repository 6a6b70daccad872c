"""The properties of a table of events besides its rows, to give them to another table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...exceptions import ModernizeError
from ...triggers.declarations import MANAGED_PREFIXES
from ...triggers.vendors import find_vendor

__all__ = ["EventTable", "PartitionError", "fetch_rows", "quote_names", "read_grants", "read_table"]

# What hangs on the table itself would stay with one of its parts.
DEPENDENTS: Final = """
SELECT 'the foreign key ' || conname || ' of ' || conrelid::regclass FROM pg_constraint
  WHERE confrelid = %(table)s::regclass AND conparentid = 0
UNION SELECT 'the view ' || r.ev_class::regclass FROM pg_depend d
  JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = %(table)s::regclass
UNION SELECT 'the publication ' || p.pubname FROM pg_publication_rel r
  JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = %(table)s::regclass
UNION SELECT 'the policy ' || polname FROM pg_policy WHERE polrelid = %(table)s::regclass
UNION SELECT 'the trigger ' || tgname FROM pg_trigger WHERE tgrelid = %(table)s::regclass
  AND NOT tgisinternal
  AND NOT EXISTS (SELECT 1 FROM unnest(%(managed)s::text[]) p WHERE starts_with(tgname, p))
"""

INDEXES: Final = """
SELECT i.relname, pg_get_indexdef(i.oid), coalesce(pg_get_constraintdef(k.oid), '')
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u')
WHERE x.indrelid = %(table)s::regclass ORDER BY i.oid
"""

GRANTS: Final = """
WITH given AS (
  SELECT '' AS columns, a.* FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = %(table)s::regclass AND a.grantee <> c.relowner
  UNION ALL SELECT format(' (%%I)', t.attname), a.* FROM pg_attribute t, aclexplode(t.attacl) a
    WHERE t.attrelid = %(table)s::regclass
)
SELECT format('GRANT %%s%%s ON %%s TO %%s%%s', privilege_type, columns, %(table)s,
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM given
"""

TUNING: Final = """
SELECT coalesce(array_to_string(c.reloptions, ', '), ''),
  (SELECT string_agg(format('ALTER %%I SET STATISTICS %%s', attname, attstattarget), ', ')
   FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND attstattarget >= 0
   AND NOT attisdropped)
FROM pg_class c WHERE c.oid = %(table)s::regclass
"""


class PartitionError(ModernizeError):
    """The table of events cannot be partitioned or merged in its current state."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventTable:
    """A table of events, or a part of it. Names are quoted, with their schema."""

    name: str
    schema: str
    indexes: dict[str, tuple[str, str]]
    """A name to the statement that makes the index, and to what its constraint says, if any."""

    grants: tuple[str, ...]
    """The statements that let others read or write it, after its own name."""

    options: str
    """How it is vacuumed."""

    statistics: str
    """What ``ALTER TABLE`` has to say for the planner's statistics."""

    dependents: tuple[str, ...]
    """What hangs on this very table."""


def read_table(connection: BaseDatabaseWrapper, table: str) -> EventTable:
    """Return what a table has. Costs five queries."""
    name = find_vendor(connection).qualify_table(connection, table)
    values = {"table": name, "managed": list(MANAGED_PREFIXES)}
    ((options, statistics),) = fetch_rows(connection, TUNING, values)
    return EventTable(
        name=name,
        schema=name.removesuffix(f".{connection.ops.quote_name(table)}"),
        indexes={
            index: (statement, constraint)
            for index, statement, constraint in fetch_rows(connection, INDEXES, values)
        },
        grants=read_grants(connection, name),
        options=options,
        statistics=statistics or "",
        dependents=tuple(text for (text,) in fetch_rows(connection, DEPENDENTS, values)),
    )


def read_grants(connection: BaseDatabaseWrapper, name: str) -> tuple[str, ...]:
    """Return the statements that let others use a table or a sequence, by its quoted name."""
    found = fetch_rows(connection, GRANTS, {"table": name})
    return tuple(statement for (statement,) in found)


def fetch_rows(connection: BaseDatabaseWrapper, sql: str, values: Any = None) -> list[Any]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def quote_names(connection: BaseDatabaseWrapper, schema: str, names: Iterable[str]) -> list[str]:
    """Return names of a schema, quoted and with it."""
    return [f"{schema}.{connection.ops.quote_name(name)}" for name in names]
