"""The tables of a database, read once for all providers of triggers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from .heirs import read_heirs
from .vendors import find_vendor

__all__ = ["Catalogue", "read_catalogue"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """The current state of tables in a database."""

    columns: Mapping[str, set[str]]
    """Maps each existing table to its columns."""

    names: Mapping[str, str]
    """Maps tables to their quoted names with schema, valid under any ``search_path``."""

    heirs: tuple[tuple[str, str], ...] = ()
    """Maps each table whose rows also belong to another table to that table."""

    def list_heirs(self, tables: Collection[str]) -> dict[str, str]:
        """Return the names of the heirs of some tables, each with that of its ancestor."""
        return {
            heir: ancestor
            for heir, ancestor in self.heirs
            if ancestor in tables and heir not in tables
        }


def read_catalogue(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Catalogue:
    """Return the catalog of the given tables.

    Costs a query, and on PostgreSQL one more for the heirs.
    """
    columns: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for table, column, name in find_vendor(connection).read_columns(connection, tables):
        columns.setdefault(table, set()).add(column)
        names[table] = name
    return Catalogue(columns=columns, names=names, heirs=read_heirs(connection, tables))
