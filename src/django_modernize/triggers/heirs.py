"""Find tables whose rows also belong to another: partitions and children through ``INHERITS``.

A statement on such a table does not fire the triggers of its parent.
"""

from collections.abc import Collection
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["read_heirs"]

FIND_HEIRS: Final = """
WITH RECURSIVE heirs AS (
  SELECT i.inhrelid AS heir, c.relname AS ancestor
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
  WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid)
  UNION
  SELECT i.inhrelid, heirs.ancestor FROM pg_inherits i JOIN heirs ON i.inhparent = heirs.heir
)
SELECT c.relname, heirs.ancestor FROM heirs JOIN pg_class c ON c.oid = heirs.heir
WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
"""


def read_heirs(
    connection: BaseDatabaseWrapper, tables: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Return the names of the heirs of some tables, each with that of its ancestor.

    Costs one query on PostgreSQL; SQLite knows nothing of the kind.
    """
    if connection.vendor != "postgresql" or not tables:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(FIND_HEIRS, [list(tables)])
        return tuple((str(heir), str(ancestor)) for heir, ancestor in cursor.fetchall())
