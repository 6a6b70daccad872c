"""Inserts many rows of one table in one statement, without model instances.

With ``bulk_create`` each row pays for an instance, and for the default and stamp of every
field. Here the shared values are computed once, which halves the cost of a large import.
"""

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, JSONField, Model

__all__ = ["insert_rows"]

if TYPE_CHECKING:
    AnyField = Field[Any, Any]
else:
    AnyField = Field
Rows = Sequence[Sequence[Any]]

# The driver accepts these as they are.
PLAIN_TYPES: Final = frozenset({str, int, bool, float, type(None)})


def insert_rows(
    template: Model,
    names: Sequence[str],
    rows: Rows,
    *,
    wants_keys: bool = True,
    texts: Collection[str] = (),
) -> list[Any]:
    """Insert rows, and return their primary keys in the same order.

    As with ``bulk_create`` no signals are sent. To be called inside a transaction that has
    written before, so that on SQLite nobody else takes the keys.

    Args:
        template: An unsaved instance that holds what all rows share: the values given to it, and
            the defaults and stamps of every other field.
        names: The fields that differ from row to row.
        rows: The values of these fields, row by row.
        wants_keys: Whether the keys are asked for; without them none are returned.
        texts: Those of the fields whose values are JSON that is written out already.

    Raises:
        IntegrityError: A row violates a constraint; no row is inserted.

    Costs one statement, and for the keys one more on SQLite, to learn which are free.
    """
    if not rows:
        return []
    insertion = _Insertion(template, names, wants_keys=wants_keys, texts=texts)
    with insertion.connection.cursor() as cursor:
        if insertion.connection.vendor == "postgresql":
            return insertion.insert_as_json(cursor, rows)
        return insertion.insert_one_by_one(cursor, rows)


class _Insertion:
    """What is known before the first row."""

    def __init__(
        self, template: Model, names: Sequence[str], *, wants_keys: bool, texts: Collection[str]
    ) -> None:
        model = type(template)
        self.meta = model._meta
        self.wants_keys = wants_keys
        self.connection = connections[router.db_for_write(model)]
        self.varying = [self._field(name) for name in names]
        self.texts = texts
        own = [field for field in self.meta.local_concrete_fields if not field.primary_key]
        self.shared = [field for field in own if field not in self.varying]
        self.shared_values = [
            field.get_db_prep_save(field.pre_save(template, True), self.connection)
            for field in self.shared
        ]

    def insert_as_json(self, cursor: CursorWrapper, rows: Rows) -> list[Any]:
        """Insert from one JSON string, which the driver need not parse."""
        # Short names, since each row repeats them.
        names = [f"v{place}" for place, _field in enumerate(self.varying)]
        text = json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str)
        declared = ", ".join(
            f"{name} {'text' if field.name in self.texts else self._type(field)}"
            for name, field in zip(names, self.varying, strict=True)
        )
        given = [
            f"{name}::{self._type(field)}" if field.name in self.texts else name
            for name, field in zip(names, self.varying, strict=True)
        ]
        columns = map(self._quote, [*self.varying, *self.shared])
        constants = [f"%s::{self._type(field)}" for field in self.shared]
        cursor.execute(
            f"INSERT INTO {self.table} ({', '.join(columns)}) "  # noqa: S608 - quoted names
            f"SELECT {', '.join([*given, *constants])} "
            f"FROM json_to_recordset(%s) AS given ({declared})"
            + (f" RETURNING {self._quote(self.meta.pk)}" if self.wants_keys else ""),
            [*self.shared_values, text],
        )
        return [key for (key,) in cursor.fetchall()] if self.wants_keys else []

    def insert_one_by_one(self, cursor: CursorWrapper, rows: Rows) -> list[Any]:
        """Insert with a prepared statement, with keys that are known beforehand."""
        own = [*self.varying, *self.shared]
        keys = self._free_keys(cursor, len(rows)) if self.wants_keys else []
        fields = [self.meta.pk, *own] if self.wants_keys else own
        given = zip(self.varying, zip(*rows, strict=True), strict=True)
        columns = [
            column if field.name in self.texts else _prepare_column(field, self.connection, column)
            for field, column in given
        ]
        values = [[*row, *self.shared_values] for row in zip(*columns, strict=True)]
        if self.wants_keys:
            values = [[key, *row] for key, row in zip(keys, values, strict=True)]
        cursor.executemany(
            f"INSERT INTO {self.table} ({', '.join(map(self._quote, fields))}) "  # noqa: S608 - quoted names
            f"VALUES ({', '.join(['%s'] * len(fields))})",
            values,
        )
        return keys

    @property
    def table(self) -> str:
        """The table's name, quoted."""
        return self.connection.ops.quote_name(self.meta.db_table)

    def _free_keys(self, cursor: CursorWrapper, number: int) -> list[int]:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [self.meta.db_table])
        found = cursor.fetchone()
        first = 1 + (found[0] if found else 0)
        return list(range(first, first + number))

    def _field(self, name: str) -> AnyField:
        field = self.meta.get_field(name)
        if not isinstance(field, Field):
            raise TypeError(f"{name} is no field with a column.")
        return field

    def _quote(self, field: AnyField) -> str:
        return self.connection.ops.quote_name(str(field.column))

    def _type(self, field: AnyField) -> str:
        return str(field.db_type(self.connection))


def _prepare_column(
    field: AnyField, connection: BaseDatabaseWrapper, values: Sequence[Any]
) -> list[Any]:
    """Return the values of one field as the driver expects them."""
    plain = frozenset[type]() if isinstance(field, JSONField) else PLAIN_TYPES
    return [
        value if type(value) in plain else field.get_db_prep_save(value, connection)
        for value in values
    ]
