"""Indexes that cost almost nothing when an event is inserted.

Inserting ten thousand equal keys, or text in random order, into a B-tree takes longer than writing
the events themselves. PostgreSQL has cheaper indexes for values that grow with time (block ranges,
https://www.postgresql.org/docs/current/brin.html) and for lookups by equality (hash). SQLite has
only B-trees.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Index, Model

__all__ = ["BlockRangeIndex", "EqualityIndex", "FallbackIndex"]

NOTHING: Final = "SELECT 1"
"""Runs if a database gets no index, since Django requires a statement."""

PAGES_PER_RANGE: Final = 32
"""A quarter of the default: a match reads fewer pages, and a Bloom filter covers fewer rows."""

BLOOM_CLASSES: Final = {
    "integer": "int4_bloom_ops",
    "bigint": "int8_bloom_ops",
    "smallint": "int2_bloom_ops",
    "uuid": "uuid_bloom_ops",
}

BLOOM_VALUES: Final = 256
"""The number of values that a Bloom filter is sized for. The default of PostgreSQL is a tenth of
the rows in a range, which makes a filter of a kilobyte that each insert has to unpack, at ten times
the cost."""


class EqualityIndex(Index):
    """An index for equality lookups on one column: a hash on PostgreSQL, a B-tree elsewhere."""

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
    """A block range index (BRIN), on PostgreSQL only.

    It takes a few bytes for each 32 pages. An index of many fields costs an insert as much as one
    of a single field. Vacuum summarizes new blocks, and the table is set to be vacuumed often:
    ``autosummarize`` would write the whole statement to the server's log whenever its queue is
    full, which took three times as long as writing ten thousand events.

    Args:
        scattered: The fields whose values do not grow with time, which get a Bloom filter.
        **kwargs: The arguments of :class:`django.db.models.Index`.
    """

    def __init__(self, *expressions: Any, scattered: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*expressions, **kwargs)
        self.scattered = tuple(scattered)

    def deconstruct(self) -> Any:
        """Return what a migration needs to recreate the index."""
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
    """A B-tree index for databases without block ranges, which is all but PostgreSQL."""

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
