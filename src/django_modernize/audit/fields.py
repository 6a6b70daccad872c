"""The column that holds an event's changes: JSON text, exactly as the trigger wrote it."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from .changes import parse_changes, render_changes

__all__ = ["ChangesField"]


class ChangesField(models.TextField):  # type: ignore[type-arg]
    """Holds ``{field name: [old, new]}``.

    Text and no JSON column: a proof is made over the very bytes that were written, and a database
    that puts JSON in order (``jsonb``) gives others back. See :mod:`.changes` for the format.
    """

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
        """Ask SQLite for bytes: what another program stored as text need not be UTF-8."""
        if compiler.connection.vendor == "sqlite":
            return f"CAST({sql} AS blob)", params
        return sql, params

    def from_db_value(
        self, value: str | bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> dict[str, list[Any]]:
        """Return what the database holds as pairs, also where only one side was written."""
        return parse_changes(value.decode(errors="replace") if isinstance(value, bytes) else value)

    def to_python(self, value: Any) -> Any:
        """Return the changes, also from their text."""
        return parse_changes(value) if value is None or isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        """Return the text of some changes; a text is searched for as it is."""
        return render_changes(value) if isinstance(value, dict) else value

    def value_to_string(self, obj: models.Model) -> str:
        """Return the text for a serializer."""
        return render_changes(self.value_from_object(obj))
