"""What constraints refer to: fields, their kinds, and conditions as SQL.

Django has no public API to compile a condition for a table definition or to list the fields that
it uses. This module does it as Django's own constraints do, and is the only one here that relies
on those internals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement
from django.db.models import (
    DateField,
    DateTimeField,
    F,
    Field,
    IntegerField,
    Model,
    Q,
    TimeField,
)
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.sql import Query

__all__ = [
    "RANGE_TYPES",
    "column_of",
    "compile_condition",
    "compile_expression",
    "describe_kind",
    "find_reference_names",
    "find_referenced_fields",
    "load_rows",
    "name_unresolved",
    "name_watched",
    "refers_to_excluded",
    "render_condition",
]

M = TypeVar("M", bound=Model)

KINDS: Final = (
    # DateTimeField is a subclass of DateField, so it must come first.
    (DateTimeField, "datetime"),
    (DateField, "date"),
    (TimeField, "time"),
    (IntegerField, "integer"),
)

RANGE_TYPES: Final = {"datetime": "tstzrange", "date": "daterange", "integer": "int8range"}
"""The kinds of fields that can bound a range, with the range type of PostgreSQL for each."""


def column_of(field: Field[Any, Any]) -> str:
    """Return the name of a concrete field's column."""
    return cast("str", field.column)


def name_unresolved(instance: Model) -> set[str]:
    """Return the names of fields whose new value is an expression for the database to evaluate.

    Since Django 6.1, its constraints fail on these instead of leaving the check to the database.

    Args:
        instance: The instance. Deferred fields are not loaded.
    """
    return {
        field.name
        for field in instance._meta.concrete_fields
        if _refers_to_row(instance.__dict__.get(field.attname))
    }


def _refers_to_row(value: Any) -> bool:
    parts = value.flatten() if isinstance(value, BaseExpression) else [value]
    return any(isinstance(part, F) for part in parts)


def describe_kind(field: Field[Any, Any]) -> str | None:
    """Return the kind of values a field holds, or ``None`` if no constraint supports them.

    >>> describe_kind(DateTimeField())
    'datetime'
    """
    source = field.output_field if field.generated else field  # type: ignore[attr-defined]
    return next((kind for cls, kind in KINDS if isinstance(source, cls)), None)


def find_reference_names(model: type[Model], condition: Q | None) -> list[str]:
    """Return the unique names of the fields that a condition reads, keeping ``pk`` as it is."""
    if condition is None:
        return []
    references = model._get_expr_references(condition)  # type: ignore[attr-defined]
    return list(dict.fromkeys(name for name, *_ in references))


def find_referenced_fields(
    model: type[Model], names: Iterable[str], condition: Q | None
) -> list[Field[Any, Any]]:
    """Return the unique concrete fields for names and in a condition.

    Raises:
        FieldDoesNotExist: The model has no field of that name.
    """
    meta = model._meta
    fields: dict[str, Field[Any, Any]] = {}
    for name in (*names, *find_reference_names(model, condition)):
        found = meta.pk_fields if name == "pk" else [meta.get_field(name)]
        fields.update({field.name: field for field in found})  # type: ignore[misc]
    return list(fields.values())


def refers_to_excluded(
    model: type[Model], names: Iterable[str], condition: Q | None, exclude: Iterable[str] | None
) -> bool:
    """Return whether a constraint reads a field that is excluded from validation.

    Forms exclude the fields that they do not contain. A non-editable field in the condition, such
    as ``deleted_at``, is on no form, but its value is known, so it is no reason to skip.
    """
    excluded = set(exclude or ())
    wanted = set(names)
    return any(
        field.name in excluded and (field.name in wanted or field.editable)
        for field in find_referenced_fields(model, wanted, condition)
    )


def compile_condition(
    model: type[Model],
    condition: Q | Combinable | BaseExpression,
    connection: BaseDatabaseWrapper,
    *,
    alias: str | None = None,
) -> tuple[str, list[Any]]:
    """Return a condition as SQL with parameters.

    Args:
        model: The model whose fields the condition uses.
        condition: The condition.
        connection: The connection to the database.
        alias: The table alias to prefix to each column, or ``None`` for no prefix.
    """
    _forget_columns(model)
    query = Query(model, alias_cols=alias is not None)
    where = query.build_where(condition)  # type: ignore[arg-type]
    if alias is not None:
        where.relabel_aliases({model._meta.db_table: alias})
    compiler = query.get_compiler(connection=connection)
    sql, params = compiler.compile(where)
    return sql, list(params)


def _forget_columns(model: type[Model]) -> None:
    """Clear the cached columns of the fields.

    When Django rebuilds a table on SQLite, it copies the fields of the old one with their cached
    columns, which still name the old table.
    """
    for field in model._meta.local_concrete_fields:
        remembered = field.__dict__.get("cached_col")
        if remembered is not None and remembered.alias != model._meta.db_table:
            del field.__dict__["cached_col"]


def render_condition(
    model: type[Model],
    condition: Q,
    schema_editor: BaseDatabaseSchemaEditor,
    *,
    alias: str | None = None,
) -> str:
    """Return a condition as SQL without parameters, for statements that cannot have any.

    Args:
        model: The model whose fields the condition uses.
        condition: The condition.
        schema_editor: The schema editor, which quotes values.
        alias: The table alias to prefix to each column, or ``None`` for no prefix.
    """
    sql, params = compile_condition(model, condition, schema_editor.connection, alias=alias)
    return sql % tuple(_quote_literal(schema_editor, value) for value in params)


def _quote_literal(schema_editor: BaseDatabaseSchemaEditor, value: Any) -> str:
    if not isinstance(value, str) or "%" not in value:
        return str(schema_editor.quote_value(value))
    # Whether Django treats a percent sign as a placeholder depends on how the statement is run.
    character = "char" if schema_editor.connection.vendor == "sqlite" else "chr"
    parts = [str(schema_editor.quote_value(part)) for part in value.split("%")]
    return f"({f'||{character}(37)||'.join(parts)})"


def name_watched(
    model: type[Model],
    names: Iterable[str],
    condition: Q | None,
    schema_editor: BaseDatabaseSchemaEditor,
) -> str | Statement:
    """Return the event of a trigger that fires on changes of the columns a constraint reads."""
    fields = find_referenced_fields(model, names, condition)
    # A generated column changes without being listed in the UPDATE.
    if any(field.generated for field in fields):
        return "UPDATE"
    columns = [column_of(field) for field in fields]
    return Statement(
        "UPDATE OF %(columns)s",
        columns=Columns(model._meta.db_table, columns, schema_editor.quote_name),
    )


def compile_expression(
    model: type[Model], expression: Any, connection: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """Return an expression over a model's own columns as SQL with parameters."""
    query = Query(model, alias_cols=False)
    resolved = expression.resolve_expression(query, allow_joins=False)
    sql, params = query.get_compiler(connection=connection).compile(resolved)
    return sql, list(params)


def load_rows(
    model: type[M], rows: Iterable[Sequence[Any]], using: str
) -> Iterator[tuple[M, Sequence[Any]]]:
    """Yield an instance for each row, with the values after the model's own columns.

    ``Manager.raw()`` does the same, but does not support composite primary keys.
    """
    fields = model._meta.local_concrete_fields
    compiler = Query(model).get_compiler(using)
    converters = compiler.get_converters([field.get_col(model._meta.db_table) for field in fields])
    names = [field.attname for field in fields]
    for row in compiler.apply_converters(rows, converters):
        yield model.from_db(using, names, row[: len(names)]), row[len(names) :]
