"""Add constraints on PostgreSQL without blocking writers, resuming an interrupted run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, CheckConstraint, Model, UniqueConstraint

from ..integrity import SameParent
from ..integrity.references import column_of, find_referenced_fields

__all__ = ["add_unlocked", "can_add_unlocked"]

FIND_CONSTRAINT = (
    "SELECT convalidated FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass"
)
FIND_INDEX = (
    "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s) AND indrelid = %s::regclass"
)


def can_add_unlocked(constraint: BaseConstraint, connection: BaseDatabaseWrapper) -> bool:
    """Return whether a constraint can be added without keeping writers out.

    That takes several transactions, and PostgreSQL does not support it for exclusion constraints.
    """
    is_known = isinstance(constraint, CheckConstraint | SameParent | UniqueConstraint)
    is_whole = connection.in_atomic_block or not is_known
    return connection.vendor == "postgresql" and not is_whole


def add_unlocked(
    constraint: BaseConstraint, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """Add a constraint in steps, none of which blocks writers for long.

    Steps already completed by an earlier run are skipped.
    """
    statements = (
        _build_index(constraint, model, schema_editor)
        if isinstance(constraint, UniqueConstraint)
        else _build_check(constraint, model, schema_editor)
    )
    for statement in statements:
        schema_editor.execute(statement, params=None)


def _build_check(
    constraint: Any, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Iterator[str]:
    """Yield a constraint for new rows, then the validation of existing ones."""
    state = _read_state(FIND_CONSTRAINT, constraint.name, model, schema_editor)
    if state is None:
        is_bond = isinstance(constraint, SameParent)
        create = constraint.build_key if is_bond else constraint.create_sql
        yield f"{create(model, schema_editor)} NOT VALID"
    if not state:
        quote = schema_editor.quote_name
        table, name = quote(model._meta.db_table), quote(constraint.name)
        yield f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"


def _build_index(
    constraint: UniqueConstraint, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> Iterator[str]:
    """Yield an index that is built concurrently, then the constraint that uses it."""
    quote = schema_editor.quote_name
    table, name = quote(model._meta.db_table), quote(constraint.name)
    state = _read_state(FIND_INDEX, constraint.name, model, schema_editor)
    if state is False:
        # An interrupted run may have left an invalid index.
        yield f"DROP INDEX CONCURRENTLY {name}"
    created = str(constraint.create_sql(model, schema_editor))
    is_index = created.startswith("CREATE UNIQUE INDEX")
    if not state:
        fields = find_referenced_fields(model, constraint.fields, None)
        columns = ", ".join(quote(column_of(field)) for field in fields)
        plain = f"CREATE UNIQUE INDEX {name} ON {table} ({columns})"
        yield (created if is_index else plain).replace("INDEX", "INDEX CONCURRENTLY", 1)
    if is_index or _read_state(FIND_CONSTRAINT, constraint.name, model, schema_editor):
        return
    deferrable = schema_editor._deferrable_constraint_sql(constraint.deferrable)  # type: ignore[attr-defined]
    yield f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}{deferrable}"


def _read_state(
    query: str, name: str, model: type[Model], schema_editor: BaseDatabaseSchemaEditor
) -> bool | None:
    """Return whether an index or constraint is valid, or ``None`` if it does not exist."""
    if schema_editor.collect_sql:
        return None
    is_index = query == FIND_INDEX
    table = schema_editor.quote_name(model._meta.db_table)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(query, [schema_editor.quote_name(name) if is_index else name, table])
        found = cursor.fetchone()
    return None if found is None else bool(found[0])
