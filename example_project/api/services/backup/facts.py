"""The content of a database, counted in the same way before a backup and after a restore."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Reader", "list_tables", "read_facts", "read_rows"]

Reader = Callable[[str], Sequence[Sequence[Any]]]
"""Gives the rows of a statement."""

SEALS: Final = "modernize_audit_seal"
LAST_SEAL: Final = f"SELECT number, digest FROM {SEALS} ORDER BY number DESC LIMIT 1"  # noqa: S608


def list_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of a database's tables.

    Costs a query.
    """
    return sorted(connection.introspection.table_names())


def read_rows(connection: BaseDatabaseWrapper) -> Reader:
    """Return a reader that uses Django's own connection."""

    def read(statement: str) -> Sequence[Sequence[Any]]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    return read


def read_facts(tables: Iterable[str], read: Reader) -> dict[str, Any]:
    """Return the row count of each table, and the last seal of the audit trail.

    Args:
        tables: Their names.
        read: Gives the rows of a statement.

    Costs a query for each table, and one.
    """
    counts = {table: read(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in tables}  # noqa: S608
    head = read(LAST_SEAL) if counts.get(SEALS) else []
    seal = {"number": head[0][0], "digest": bytes(head[0][1]).hex()} if head else None
    return {"rows": counts, "last_seal": seal}
