"""A separate table for rows that violate a constraint, until they are reviewed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import truncate_name
from django.db.models import BaseConstraint, Model, QuerySet

__all__ = ["Quarantine"]


class Quarantine:
    """The rows of a model that were moved because they violate a constraint.

    Args:
        constraint: The constraint, whose name the table includes.
        model: The model, or its state in a migration.
        using: The alias of the database.
    """

    def __init__(self, constraint: BaseConstraint, model: type[Model], using: str) -> None:
        self.model = model
        self.using = using
        self.connection = connections[using]
        limit = self.connection.ops.max_name_length()
        self.table = truncate_name(f"quarantine_{constraint.name}", limit)

    def create_table(self) -> None:
        """Create the table with the columns of the model's table, unless it exists."""
        self._execute(
            f"CREATE TABLE IF NOT EXISTS {self._quoted} AS "  # noqa: S608 - quoted names
            f"SELECT {self._columns} FROM {self._source} WHERE 1 = 0"
        )

    def drop_table(self) -> None:
        """Drop the table."""
        self._execute(f"DROP TABLE {self._quoted}")

    def exists(self) -> bool:
        """Return whether the table exists."""
        with self.connection.cursor() as cursor:
            return self.table in self.connection.introspection.table_names(cursor)

    def list_held(self, keys: Sequence[Any]) -> list[Any]:
        """Return the rows that other rows reference, and that therefore cannot be moved.

        Costs one query for each relation to the model.
        """
        held: set[Any] = set()
        for related in self._list_relations():
            rows: QuerySet[Any] = QuerySet(related.related_model, using=self.using)
            target = related.field.target_field.attname
            pointing = rows.filter(**{f"{related.field.name}__in": keys})
            values = set(pointing.values_list(related.field.attname, flat=True))
            own = self._choose_rows(target, values)
            held.update(own.values_list("pk", flat=True))
        return sorted(held & set(keys))

    def move_in(self, keys: Sequence[Any]) -> None:
        """Move rows from the model's table, in one transaction."""
        rows = self._choose_rows("pk", keys)
        names = [field.attname for field in self._fields]
        sql, params = rows.values_list(*names).query.get_compiler(self.using).as_sql()
        with transaction.atomic(using=self.using):
            self._execute(f"INSERT INTO {self._quoted} ({self._columns}) {sql}", params)
            rows._raw_delete(self.using)

    def move_out(self) -> None:
        """Move every row back, in one transaction."""
        with transaction.atomic(using=self.using):
            self._execute(
                f"INSERT INTO {self._source} ({self._columns}) "  # noqa: S608 - quoted names
                f"SELECT {self._columns} FROM {self._quoted}"
            )
            self._execute(f"DELETE FROM {self._quoted}")  # noqa: S608 - quoted name

    @property
    def _fields(self) -> list[Any]:
        return [field for field in self.model._meta.local_concrete_fields if not field.generated]

    @property
    def _columns(self) -> str:
        quote = self.connection.ops.quote_name
        return ", ".join(quote(field.column) for field in self._fields)

    @property
    def _quoted(self) -> str:
        return self.connection.ops.quote_name(self.table)

    @property
    def _source(self) -> str:
        return self.connection.ops.quote_name(self.model._meta.db_table)

    def _choose_rows(self, name: str, values: Collection[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = QuerySet(self.model, using=self.using)
        return rows.filter(**{f"{name}__in": values}).order_by()

    def _list_relations(self) -> Iterator[Any]:
        """Yield the relations to the model, including many-to-many links."""
        for field in self.model._meta.get_fields(include_hidden=True):
            if (
                field.auto_created
                and not field.concrete
                and (field.one_to_one or field.one_to_many)
            ):
                yield field

    def _execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
