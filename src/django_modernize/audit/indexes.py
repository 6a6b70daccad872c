"""Indexes that cost an event next to nothing to be entered into.

A B-tree that gets ten thousand equal keys, or text in the order of nobody, takes longer than
writing the events themselves. PostgreSQL has cheaper ones for what grows with time (block ranges,
https://www.postgresql.org/docs/current/brin.html) and for what is only asked for by equality
(hash). SQLite has B-trees alone.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Index, Model

__all__ = ["BlockRangeIndex", "EqualityIndex", "FallbackIndex"]

NOTHING: Final = "SELECT 1"
"""What is run where a database gets no index: Django wants a statement."""

PAGES_PER_RANGE: Final = 32
"""A quarter of the usual: what is found is read sooner, and a filter of fewer rows fills sooner."""

BLOOM_CLASSES: Final = {
    "integer": "int4_bloom_ops",
    "bigint": "int8_bloom_ops",
    "smallint": "int2_bloom_ops",
    "uuid": "uuid_bloom_ops",
}

BLOOM_VALUES: Final = 256
"""For how many values a filter has room. PostgreSQL would take a tenth of the rows of a range,
which makes a filter of a kilobyte that each insert unpacks: ten times the cost of this."""


class EqualityIndex(Index):
    """Finds rows by the equality of one column: a hash on PostgreSQL, a B-tree elsewhere."""

    def create_sql(
        self,
        model: type[Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Any:
        """Return the statement that makes the index."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        return super().create_sql(
            model, schema_editor, " USING hash" if is_postgresql else using, **kwargs
        )


class BlockRangeIndex(Index):
    """Finds the blocks that may hold a value of one of its fields; PostgreSQL only.

    It takes some bytes for each 32 pages. One index of many fields costs a new row as much as one
    of a single field. Vacuum enters the blocks that are new, the table is set to be vacuumed often:
    ``autosummarize`` would write the whole statement into the server's log whenever its queue is
    full, which took three times as long as ten thousand events themselves.

    Args:
        scattered: Those of the fields whose values do not grow with time: a Bloom filter stands
            for a block's.
        **kwargs: As of :class:`django.db.models.Index`.
    """

    def __init__(self, *expressions: Any, scattered: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*expressions, **kwargs)
        self.scattered = tuple(scattered)

    def deconstruct(self) -> Any:
        """Return what makes the index again in a migration."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "scattered": self.scattered}

    def create_sql(
        self,
        model: type[Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Any:
        """Return the statement that makes the index."""
        if schema_editor.connection.vendor != "postgresql":
            return NOTHING
        quote = schema_editor.quote_name
        columns = ", ".join(
            self._column_sql(model._meta.get_field(name), schema_editor) for name in self.fields
        )
        return (
            f"CREATE INDEX {quote(self.name)} ON {quote(model._meta.db_table)} USING brin "
            f"({columns}) WITH (pages_per_range = {PAGES_PER_RANGE})"
        )

    def remove_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> Any:
        """Return the statement that takes the index away."""
        if schema_editor.connection.vendor != "postgresql":
            return NOTHING
        return super().remove_sql(model, schema_editor, **kwargs)

    def _column_sql(self, field: Any, schema_editor: BaseDatabaseSchemaEditor) -> str:
        column = schema_editor.quote_name(field.column)
        if field.name not in self.scattered:
            return column
        column_type = field.db_type(schema_editor.connection) or ""
        bloom_class = BLOOM_CLASSES.get(column_type, "text_bloom_ops")
        return f"{column} {bloom_class} (n_distinct_per_range = {BLOOM_VALUES})"


class FallbackIndex(Index):
    """A B-tree for databases without block ranges: all but PostgreSQL."""

    def create_sql(
        self,
        model: type[Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Any:
        """Return the statement that makes the index."""
        if schema_editor.connection.vendor == "postgresql":
            return NOTHING
        return super().create_sql(model, schema_editor, using, **kwargs)

    def remove_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> Any:
        """Return the statement that takes the index away."""
        if schema_editor.connection.vendor == "postgresql":
            return NOTHING
        return super().remove_sql(model, schema_editor, **kwargs)
