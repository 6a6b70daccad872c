"""The columns that hold what triggers wrote: text exactly as it was stored."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.sql.compiler import SQLCompiler

from .changes import ANY_BYTES, parse_changes, read_changes, render_changes

__all__ = ["ActorKey", "ChangesField", "KeyField", "StoredTextField"]


class StoredText(models.Field):  # type: ignore[type-arg]
    """What is read of a column of text, whose bytes need not be UTF-8 on SQLite.

    Another program may store anything, and the driver would fail on it.
    """

    errors = ANY_BYTES

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
        """Ask SQLite for bytes."""
        if compiler.connection.vendor == "sqlite":
            return f"CAST({sql} AS blob)", params
        return sql, params

    def from_db_value(
        self, value: str | bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> Any:
        """Return the text, whatever its bytes are."""
        return value.decode(errors=self.errors) if isinstance(value, bytes) else value


class StoredTextField(StoredText, models.TextField):  # type: ignore[type-arg]
    """Text that is to be hashed or written again: none of its bytes is lost."""


class KeyField(StoredText, models.CharField):  # type: ignore[type-arg]
    """An object's primary key as text that can be shown: bytes that are no UTF-8 as ``\\xe9``."""

    errors = "backslashreplace"


class ChangesField(StoredText, models.TextField):  # type: ignore[type-arg]
    """Holds ``{field name: [old, new]}``.

    Text and no JSON column: a proof is made over the very bytes that were written, and a database
    that puts JSON in order (``jsonb``) gives others back. See :mod:`.changes` for the format.
    """

    errors = "replace"

    def from_db_value(
        self, value: str | bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> dict[str, list[Any]]:
        """Return what the database holds as pairs, also where only one side was written."""
        return read_changes(super().from_db_value(value, expression, connection))

    def to_python(self, value: Any) -> Any:
        """Return the changes, also from their text."""
        return parse_changes(value) if value is None or isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        """Return the text of some changes; a text is searched for as it is."""
        return render_changes(value) if isinstance(value, dict) else value

    def value_to_string(self, obj: models.Model) -> str:
        """Return the text for a serializer."""
        return render_changes(self.value_from_object(obj))


class ActorKey(models.ForeignKey):  # type: ignore[type-arg]
    """The key of a user, which the block ranges find as a value of the column's very own type."""

    def deconstruct(self) -> Any:
        """Return what any foreign key does: a migration makes the same column."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


@ActorKey.register_lookup
class ActorExact(RelatedExact):
    """Compares the column with a value of its type.

    To PostgreSQL a short number is of a shorter type, and a Bloom filter of ``bigint`` knows no
    other.
    """

    def process_rhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return the SQL for the user's key."""
        sql, parameters = super().process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            sql = f"{sql}::{self.lhs.output_field.db_type(connection)}"
        return sql, parameters
