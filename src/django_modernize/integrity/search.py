"""Find the stored rows that overlap with candidates, in one statement for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from types import ModuleType, NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from .references import column_of, find_referenced_fields, load_rows
from .vendors import find_vendor

if TYPE_CHECKING:
    from .no_overlap import NoOverlap

__all__ = ["search_overlaps", "search_rivals"]

M = TypeVar("M", bound=Model)

POSITION: Final = "modernize_position"
KEY_PREFIX: Final = "modernize_key_"

# Only names from the model are inserted here; values are passed as parameters. The values of a
# candidate are extracted from JSON once, not for each row that it is compared with.
SEARCH: Final = (
    "WITH candidate AS MATERIALIZED (SELECT * FROM (SELECT %(entries)s FROM %(source)s) AS given "
    "WHERE %(taking_part)s) SELECT %(columns)s, candidate.%(position)s "
    "FROM candidate JOIN %(table)s ON %(matching)s WHERE %(stored)s AND %(other)s "
    "ORDER BY candidate.%(position)s, %(start)s"
)

# A candidate and an earlier one that cannot both exist.
SEARCH_RIVALS: Final = (
    "WITH candidate AS (SELECT * FROM (SELECT %(entries)s FROM %(source)s) AS given "
    "WHERE %(taking_part)s) SELECT later.%(position)s, earlier.%(position)s "
    "FROM candidate AS later JOIN candidate AS earlier ON %(matching)s ORDER BY 1, 2 LIMIT 1"
)

UNKNOWN: Final = object()
"""A marker for a value that only the database can compute."""

PLAIN_TYPES: Final = (str, int, float, NoneType, Decimal, date, time, UUID)
"""The types that can be passed to the database as JSON and cast to the column's type."""


def search_overlaps(
    constraint: NoOverlap, model: type[M], candidates: Iterable[Model], using: str
) -> Iterator[tuple[int, M]]:
    """Yield the index of a candidate and a stored row that it overlaps with, earliest first.

    A candidate counts if its values satisfy the constraint's condition, which the database
    evaluates with the same SQL as for its rows. A saved candidate does not conflict with its own
    row. A candidate with a value that only the database can compute is skipped.

    Costs one query, or none without candidates.
    """
    connection = connections[using]
    search = _Search(constraint=constraint, model=model, connection=connection)
    rows = list(search.read_candidates(candidates))
    if not rows:
        return
    sql, params = search.build_query()
    with connection.cursor() as cursor:
        # Values of types that JSON does not support are passed as text.
        cursor.execute(sql, [json.dumps(rows, default=str), *params])
        found = cursor.fetchall()
    for other, (position,) in load_rows(model, found, using):
        yield position, other


def search_rivals(
    constraint: NoOverlap, model: type[Model], candidates: Iterable[Model], using: str
) -> Iterator[tuple[int, int]]:
    """Yield the indexes of the first two candidates that overlap, the later one first.

    Costs one query, or none without candidates. Takes quadratic time per partition.
    """
    connection = connections[using]
    search = _Search(constraint=constraint, model=model, connection=connection)
    rows = list(search.read_candidates(candidates))
    if not rows:
        return
    sql, params = search.build_rival_query()
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, default=str), *params])
        yield from cursor.fetchall()


@dataclass(frozen=True, kw_only=True)
class _Search:
    """The statement that joins candidates with the rows of a table.

    A candidate is passed as a JSON array: its index, its primary key, and the values of the fields
    that the constraint reads.
    """

    constraint: NoOverlap
    model: type[Model]
    connection: BaseDatabaseWrapper

    @cached_property
    def vendor(self) -> ModuleType:
        return find_vendor(self.connection)

    @cached_property
    def keys(self) -> list[Field[Any, Any]]:
        return list(self.model._meta.pk_fields)

    @cached_property
    def fields(self) -> list[Field[Any, Any]]:
        constraint = self.constraint
        return find_referenced_fields(self.model, constraint.field_names, constraint.condition)

    @cached_property
    def table(self) -> str:
        return self.quote(self.model._meta.db_table)

    def quote(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def read_candidates(self, candidates: Iterable[Model]) -> Iterator[list[Any]]:
        """Yield the arrays of the candidates whose values are known."""
        for position, candidate in enumerate(candidates):
            values = [self._read_value(candidate, field) for field in self.fields]
            if all(isinstance(value, PLAIN_TYPES) for value in values):
                yield [position, *self._read_key(candidate), *values]

    def build_query(self) -> tuple[str, list[Any]]:
        """Return the statement and the parameters that follow the candidates."""
        model, connection, vendor = self.model, self.connection, self.vendor
        taking_part, candidate_params = vendor.compile_membership(
            self.constraint, model, connection, None
        )
        stored, stored_params = vendor.compile_membership(
            self.constraint, model, connection, model._meta.db_table
        )
        matching, match_params = vendor.match_rows(self.constraint, model, connection)
        sql = SEARCH % {
            "columns": ", ".join(map(self._refer, model._meta.local_concrete_fields)),
            "position": POSITION,
            "entries": ", ".join(self._list_entries()),
            "source": vendor.CANDIDATE_SOURCE,
            "taking_part": taking_part,
            "table": self.table,
            "matching": matching,
            "stored": stored,
            "other": self._exclude_self(),
            "start": self._refer(self.fields[0]),
        }
        return sql, [*candidate_params, *match_params, *stored_params]

    def build_rival_query(self) -> tuple[str, list[Any]]:
        """Return the statement that compares candidates, and the parameters that follow them."""
        taking_part, params = self.vendor.compile_membership(
            self.constraint, self.model, self.connection, None
        )
        start, end, *partition = (
            self.quote(column_of(field)) for field in self.constraint.find_fields(self.model)
        )
        matching = [
            f"earlier.{POSITION} < later.{POSITION}",
            *(f"earlier.{column} = later.{column}" for column in partition),
            f"earlier.{start} < later.{end}",
            f"later.{start} < earlier.{end}",
        ]
        sql = SEARCH_RIVALS % {
            "entries": ", ".join(self._list_entries()),
            "source": self.vendor.CANDIDATE_SOURCE,
            "taking_part": taking_part,
            "position": POSITION,
            "matching": " AND ".join(matching),
        }
        return sql, params

    def _read_value(self, candidate: Model, field: Field[Any, Any]) -> Any:
        if field.generated:
            return UNKNOWN
        value = getattr(candidate, field.attname)
        if isinstance(value, DatabaseDefault):
            value = getattr(field.db_default, "value", field.db_default)
        if hasattr(value, "resolve_expression"):
            return UNKNOWN
        return field.get_db_prep_save(value, self.connection)

    def _read_key(self, candidate: Model) -> list[Any]:
        # A new instance with an explicit key is not the stored row with that key.
        is_new = candidate._state.adding
        return [None if is_new else self._read_value(candidate, field) for field in self.keys]

    def _list_entries(self) -> Iterator[str]:
        names = [f"{KEY_PREFIX}{index}" for index, _ in enumerate(self.keys)]
        names += [column_of(field) for field in self.fields]
        yield self._extract_entry(0, POSITION, None)
        for index, (name, field) in enumerate(zip(names, [*self.keys, *self.fields], strict=True)):
            yield self._extract_entry(index + 1, name, field)

    def _extract_entry(self, index: int, name: str, field: Field[Any, Any] | None) -> str:
        database_type = "integer" if field is None else field.db_type(self.connection)
        return f"{self.vendor.extract_value(index, field, database_type)} AS {self.quote(name)}"

    def _refer(self, field: Field[Any, Any]) -> str:
        return f"{self.table}.{self.quote(column_of(field))}"

    def _exclude_self(self) -> str:
        same = " AND ".join(
            f"{self._refer(field)} = candidate.{KEY_PREFIX}{index}"
            for index, field in enumerate(self.keys)
        )
        return f"(candidate.{KEY_PREFIX}0 IS NULL OR NOT ({same}))"
