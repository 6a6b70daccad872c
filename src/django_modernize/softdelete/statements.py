"""Statements that Django's compiler writes once, to be run with other values each time.

Django has no public way to compile an UPDATE, nor to run a compiled query again: this is the one
place that knows how.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import UpdateQuery

__all__ = ["Slot", "Statement", "compile_select", "compile_update", "join_statements"]

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Stands among a statement's parameters for a value that each run brings."""

    name: str
    field: "Field[Any, Any]"

    def read(self, values: Values, connection: BaseDatabaseWrapper) -> Any:
        """Return the value as the field gives it to a database."""
        return self.field.get_db_prep_save(values[self.name], connection)


class Slot(Expression):
    """Stands in a query for a value that each run brings.

    Args:
        name: The value's name.
        field: The field that prepares it for the database.
    """

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return a placeholder, and what takes the value's place."""
        return "%s", (Place(self.name, self.output_field),)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and its parameters, some of which are yet to come."""

    sql: str
    parameters: tuple[Any, ...] = ()

    def run(self, cursor: Any, values: Values) -> int:
        """Run it, and return how many rows it changed or found.

        Args:
            cursor: A cursor of Django's.
            values: The values of its slots, by name.
        """
        parameters = [
            one.read(values, cursor.db) if type(one) is Place else one for one in self.parameters
        ]
        cursor.execute(self.sql, parameters)
        count: int = cursor.rowcount
        return count


def compile_update(rows: "QuerySet[Any]", **values: Any) -> Statement:
    """Return the UPDATE that ``rows.update()`` would run; the fields are of the rows' own table."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    return _compile(query, rows.db)


def compile_select(rows: "QuerySet[Any]") -> Statement:
    """Return the SELECT of some rows."""
    return _compile(rows.query, rows.db)


def join_statements(separator: str, statements: Iterable[Statement]) -> Statement:
    """Return one statement made of several."""
    parts = list(statements)
    parameters = tuple(one for part in parts for one in part.parameters)
    return Statement(separator.join(part.sql for part in parts), parameters)


def _compile(query: Any, using: str) -> Statement:
    sql, parameters = query.get_compiler(using=using).as_sql()
    return Statement(sql, tuple(parameters))
