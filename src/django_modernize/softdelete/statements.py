"""Statements that are compiled once by Django and run with different values each time.

Django has no public API to compile an UPDATE or to rerun a compiled query, so all code that
relies on its internals for this is in this module.
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
    """A parameter of a statement whose value is given on each run."""

    name: str
    field: "Field[Any, Any]"

    def read(self, values: Values, connection: BaseDatabaseWrapper) -> Any:
        """Return the value as prepared by the field for the database."""
        return self.field.get_db_prep_save(values[self.name], connection)


class Slot(Expression):
    """An expression in a query whose value is given on each run.

    Args:
        name: The name of the value.
        field: The field that prepares the value for the database.
    """

    def __init__(self, name: str, field: Any) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the SQL placeholder and the parameter that stands for the value."""
        return "%s", (Place(self.name, self.output_field),)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters, some of which are given on each run."""

    sql: str
    parameters: tuple[Any, ...] = ()

    def run(self, cursor: Any, values: Values) -> int:
        """Run the statement and return the number of rows changed or found.

        Args:
            cursor: A Django cursor.
            values: The values of the slots, by name.
        """
        parameters = [
            one.read(values, cursor.db) if type(one) is Place else one for one in self.parameters
        ]
        cursor.execute(self.sql, parameters)
        count: int = cursor.rowcount
        return count


def compile_update(rows: "QuerySet[Any]", **values: Any) -> Statement:
    """Return the UPDATE that ``rows.update()`` would run. All fields must be in one table."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    return _compile(query, rows.db)


def compile_select(rows: "QuerySet[Any]") -> Statement:
    """Return the SELECT of a queryset."""
    return _compile(rows.query, rows.db)


def join_statements(separator: str, statements: Iterable[Statement]) -> Statement:
    """Return several statements joined into one."""
    parts = list(statements)
    parameters = tuple(one for part in parts for one in part.parameters)
    return Statement(separator.join(part.sql for part in parts), parameters)


def _compile(query: Any, using: str) -> Statement:
    sql, parameters = query.get_compiler(using=using).as_sql()
    return Statement(sql, tuple(parameters))
