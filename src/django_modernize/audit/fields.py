"""Fields for columns that triggers write, which read text exactly as it was stored."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.sql.compiler import SQLCompiler

from .changes import ANY_BYTES, parse_changes, read_changes, render_changes

__all__ = ["ActorKey", "ChangesField", "KeyField", "StoredTextField"]


class StoredText(models.Field):  # type: ignore[type-arg]
    """A text field whose bytes need not be valid UTF-8 on SQLite.

    Other programs may store anything, on which the driver would fail.
    """

    errors = ANY_BYTES

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
        """Select bytes on SQLite."""
        if compiler.connection.vendor == "sqlite":
            return f"CAST({sql} AS blob)", params
        return sql, params

    def from_db_value(
        self, value: str | bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> Any:
        """Return the text, whatever its bytes."""
        return value.decode(errors=self.errors) if isinstance(value, bytes) else value


class StoredTextField(StoredText, models.TextField):  # type: ignore[type-arg]
    """A text field that preserves every byte, for text to be hashed or written again."""


class KeyField(StoredText, models.CharField):  # type: ignore[type-arg]
    """An object's primary key as printable text, with invalid UTF-8 bytes shown as ``\\xe9``."""

    errors = "backslashreplace"


class ChangesField(StoredText, models.TextField):  # type: ignore[type-arg]
    """A field with ``{field name: [old, new]}``.

    Stored as text rather than JSON, since proofs are made over the exact bytes written, and
    ``jsonb`` does not preserve them. See :mod:`.changes` for the format.
    """

    errors = "replace"

    def from_db_value(
        self, value: str | bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> dict[str, list[Any]]:
        """Return the stored changes as pairs, even if only one side was written."""
        return read_changes(super().from_db_value(value, expression, connection))

    def to_python(self, value: Any) -> Any:
        """Return the changes, parsing them if they are text."""
        return parse_changes(value) if value is None or isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        """Return changes as text. Text is used unchanged, to search for it."""
        return render_changes(value) if isinstance(value, dict) else value

    def value_to_string(self, obj: models.Model) -> str:
        """Return the text for a serializer."""
        return render_changes(self.value_from_object(obj))


class ActorKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to a user that passes values with the column's type, for the BRIN index."""

    def deconstruct(self) -> Any:
        """Return the same as for a plain foreign key, since migrations create the same column."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


@ActorKey.register_lookup
class ActorExact(RelatedExact):
    """Compare the column with a value cast to its type.

    PostgreSQL gives small numbers a smaller type, which a Bloom filter of ``bigint`` does not
    support.
    """

    def process_rhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the SQL for the user's key."""
        sql, parameters = super().process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            sql = f"{sql}::{self.lhs.output_field.db_type(connection)}"
        return sql, parameters
