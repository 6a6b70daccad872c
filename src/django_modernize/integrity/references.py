"""What of a model a constraint refers to: its fields, their kinds, and conditions as SQL.

Django documents no way to turn a condition into the SQL of a table definition, nor to list the
fields that it names; its own constraints do it as this module does, which is the only one here
that reaches into Django for that.
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
    # A DateTimeField is a DateField too, so it has to be asked for first.
    (DateTimeField, "datetime"),
    (DateField, "date"),
    (TimeField, "time"),
    (IntegerField, "integer"),
)

RANGE_TYPES: Final = {"datetime": "tstzrange", "date": "daterange", "integer": "int8range"}
"""The kinds of field that can bound a range, and PostgreSQL's range type for each."""


def column_of(field: Field[Any, Any]) -> str:
    """Return the name of a concrete field's column."""
    return cast("str", field.column)


def name_unresolved(instance: Model) -> set[str]:
    """Return the fields whose new value the database works out from the row that it has.

    Since Django 6.1 its constraints fail by them in place of leaving the judgement to the database.

    Args:
        instance: The row; a deferred field is not loaded for this.
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
    """Return which kind of value a field holds, ``None`` where no constraint cares.

    >>> describe_kind(DateTimeField())
    'datetime'
    """
    source = field.output_field if field.generated else field  # type: ignore[attr-defined]
    return next((kind for cls, kind in KINDS if isinstance(source, cls)), None)


def find_reference_names(model: type[Model], condition: Q | None) -> list[str]:
    """Return the names of the fields that a condition reads, each once, ``pk`` as it stands."""
    if condition is None:
        return []
    references = model._get_expr_references(condition)  # type: ignore[attr-defined]
    return list(dict.fromkeys(name for name, *_ in references))


def find_referenced_fields(
    model: type[Model], names: Iterable[str], condition: Q | None
) -> list[Field[Any, Any]]:
    """Return the concrete fields behind names and in a condition, each once.

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
    """Return whether a constraint reads a field that validation was asked to leave out.

    A form leaves out what is not on it. A field of the condition that nobody can edit
    (``deleted_at``) is on no form at all, yet its value stands: it is no reason to skip.
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
    """Return a condition as SQL with its parameters.

    Args:
        model: The model whose fields the condition names.
        condition: What has to hold.
        connection: The database that the SQL is for.
        alias: What stands before each column; nothing does where it is ``None``.
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
    """Drop what the fields remember of another table.

    Where Django rebuilds a table of SQLite, it copies the fields of the old one together with the
    column that each has cached, and that still names the old table.
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
    """Return a condition as SQL without parameters, for statements that can have none.

    Args:
        model: The model whose fields the condition names.
        condition: What has to hold.
        schema_editor: Knows the database and how it writes values.
        alias: What stands before each column; nothing does where it is ``None``.
    """
    sql, params = compile_condition(model, condition, schema_editor.connection, alias=alias)
    return sql % tuple(_quote_literal(schema_editor, value) for value in params)


def _quote_literal(schema_editor: BaseDatabaseSchemaEditor, value: Any) -> str:
    if not isinstance(value, str) or "%" not in value:
        return str(schema_editor.quote_value(value))
    # Django reads a percent sign as a placeholder or not, depending on who runs the statement.
    character = "char" if schema_editor.connection.vendor == "sqlite" else "chr"
    parts = [str(schema_editor.quote_value(part)) for part in value.split("%")]
    return f"({f'||{character}(37)||'.join(parts)})"


def name_watched(
    model: type[Model],
    names: Iterable[str],
    condition: Q | None,
    schema_editor: BaseDatabaseSchemaEditor,
) -> str | Statement:
    """Return the event of a trigger that watches the columns which a constraint reads."""
    fields = find_referenced_fields(model, names, condition)
    # A generated column changes without being named by the UPDATE.
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
    """Return an expression over a model's own columns as SQL with its parameters."""
    query = Query(model, alias_cols=False)
    resolved = expression.resolve_expression(query, allow_joins=False)
    sql, params = query.get_compiler(connection=connection).compile(resolved)
    return sql, list(params)


def load_rows(
    model: type[M], rows: Iterable[Sequence[Any]], using: str
) -> Iterator[tuple[M, Sequence[Any]]]:
    """Yield an instance for each row, and what the row has behind the model's own columns.

    ``Manager.raw()`` does as much, but knows no key of several columns.
    """
    fields = model._meta.local_concrete_fields
    compiler = Query(model).get_compiler(using)
    converters = compiler.get_converters([field.get_col(model._meta.db_table) for field in fields])
    names = [field.attname for field in fields]
    for row in compiler.apply_converters(rows, converters):
        yield model.from_db(using, names, row[: len(names)]), row[len(names) :]
