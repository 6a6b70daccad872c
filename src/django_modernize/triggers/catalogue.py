"""What a database knows of its tables, read once for all who build triggers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from .heirs import read_heirs
from .vendors import find_vendor

__all__ = ["Catalogue", "read_catalogue"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Some tables of a database as they are now."""

    columns: Mapping[str, set[str]]
    """Table to its columns; a table that does not exist is not in it."""

    names: Mapping[str, str]
    """Table to its quoted name with its schema, so that any ``search_path`` finds it."""

    heirs: tuple[tuple[str, str], ...] = ()
    """Each table whose rows are rows of another, with that one."""

    def list_heirs(self, tables: Collection[str]) -> dict[str, str]:
        """Return the names of the heirs of some tables, each with that of its ancestor."""
        return {
            heir: ancestor
            for heir, ancestor in self.heirs
            if ancestor in tables and heir not in tables
        }


def read_catalogue(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Catalogue:
    """Return what there is to know of some tables.

    Costs a query, and on PostgreSQL one more for the heirs.
    """
    columns: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for table, column, name in find_vendor(connection).read_columns(connection, tables):
        columns.setdefault(table, set()).add(column)
        names[table] = name
    return Catalogue(columns=columns, names=names, heirs=read_heirs(connection, tables))
