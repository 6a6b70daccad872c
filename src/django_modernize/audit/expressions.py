"""Looks into the text of an event's changes."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact, IsNull
from django.db.models.sql.compiler import SQLCompiler

__all__ = ["ChangedValue", "holds_value"]


class ChangedValue(Func):
    """One value of an event, as text; ``NULL`` for nothing.

    Args:
        steps: The way to the value: names of members and positions in lists.
    """

    output_field = TextField()

    def __init__(self, *steps: str | int) -> None:
        for step in steps:
            if isinstance(step, str) and not step.isidentifier():
                raise ValueError(f"{step!r} is no name of a field.")
        super().__init__(F("changes"))
        self.steps = steps

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for PostgreSQL."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        path = "{" + ",".join(str(step) for step in self.steps) + "}"
        return f"(nullif({changes}, '')::jsonb #>> %s::text[])", [*parameters, path]

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **kwargs: Any
    ) -> Any:
        """Return the SQL for SQLite."""
        changes, parameters = compiler.compile(self.source_expressions[0])
        path = "$" + "".join(
            f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in self.steps
        )
        sql = f"CAST(json_extract(nullif({changes}, ''), %s) AS text)"
        return sql, [*parameters, path]


def holds_value(name: str, side: str, value: Any, vendor: str) -> Q:
    """Return the condition that a field had a value before (``old``) or after (``new``) a change.

    Args:
        name: The field.
        side: ``old`` or ``new``.
        value: A JSON value, ``None`` for nothing.
        vendor: Of the database.
    """
    pair = ChangedValue(name, 0 if side == "old" else 1)
    alone = ChangedValue(side, name)
    if value is None:
        return Q(IsNull(pair, True)) & Q(IsNull(alone, True))
    text = Value(_render(value, vendor), output_field=TextField())
    return Q(Exact(pair, text)) | Q(Exact(alone, text))


def _render(value: Any, vendor: str) -> str:
    if isinstance(value, bool):
        return str(value).lower() if vendor == "postgresql" else str(int(value))
    return str(value)
