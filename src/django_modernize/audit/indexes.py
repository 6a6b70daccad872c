"""Indexes that cost an event next to nothing to be entered into.

A B-tree that gets ten thousand equal keys, or text in the order of nobody, takes longer than
writing the events themselves. PostgreSQL has cheaper ones for what grows with time (block ranges,
https://www.postgresql.org/docs/current/brin.html) and for what is only asked for by equality
(hash). SQLite has B-trees alone.
"""

from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Index, Model

__all__ = ["BlockRangeIndex", "EqualityIndex"]

NOTHING: Final = "SELECT 1"
"""What is run where a database gets no index: Django wants a statement."""

BLOOM_CLASSES: Final = {
    "integer": "int4_bloom_ops",
    "bigint": "int8_bloom_ops",
    "smallint": "int2_bloom_ops",
    "uuid": "uuid_bloom_ops",
}


class EqualityIndex(Index):
    """Finds rows by the equality of one column: a hash on PostgreSQL, a B-tree elsewhere."""

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> Any:
        """Return the statement that makes the index."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        return super().create_sql(
            model, schema_editor, using=" USING hash" if is_postgresql else "", **kwargs
        )


class BlockRangeIndex(Index):
    """Finds the blocks that may hold a value: some bytes for each 128 pages on PostgreSQL.

    Args:
        scattered: The values do not grow with time, so a Bloom filter stands for a block's.
        postgresql_only: Make no index elsewhere, where it would be a B-tree.
        **kwargs: As of :class:`django.db.models.Index`; one field.
    """

    def __init__(
        self,
        *expressions: Any,
        scattered: bool = False,
        postgresql_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*expressions, **kwargs)
        self.scattered = scattered
        self.postgresql_only = postgresql_only

    def deconstruct(self) -> Any:
        """Return what makes the index again in a migration."""
        path, args, kwargs = super().deconstruct()
        if self.scattered:
            kwargs["scattered"] = True
        if self.postgresql_only:
            kwargs["postgresql_only"] = True
        return path, args, kwargs

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> Any:
        """Return the statement that makes the index."""
        if schema_editor.connection.vendor == "postgresql":
            return self._create_ranges(model, schema_editor)
        if self.postgresql_only:
            return NOTHING
        return super().create_sql(model, schema_editor, **kwargs)

    def remove_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> Any:
        """Return the statement that takes the index away."""
        if self.postgresql_only and schema_editor.connection.vendor != "postgresql":
            return NOTHING
        return super().remove_sql(model, schema_editor, **kwargs)

    def _create_ranges(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> str:
        quote = schema_editor.quote_name
        field: Any = model._meta.get_field(self.fields[0])
        column_type = field.db_type(schema_editor.connection) or ""
        operators = BLOOM_CLASSES.get(column_type, "text_bloom_ops") if self.scattered else ""
        return (
            f"CREATE INDEX {quote(self.name)} ON {quote(model._meta.db_table)} USING brin "
            f"({quote(field.column)} {operators}) WITH (autosummarize = on)"
        )
