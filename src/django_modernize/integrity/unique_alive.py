"""The constraint that values are unique among live rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BooleanField, F, Func, Model, Q, TextField, UniqueConstraint, Value
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Lower

from ..compat import ConstraintChecks
from .checks import check_deletion_field, check_nulls
from .references import name_unresolved

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["UniqueAlive"]

ALIVE: Final = Q(deleted_at__isnull=True)


class UniqueAlive(ConstraintChecks, UniqueConstraint):
    """A unique constraint over live rows, so that soft-deleted rows do not block a value.

    >>> UniqueAlive("name", name="property_unique_name").deconstruct()
    ('django_modernize.integrity.UniqueAlive', ('name',), {'name': 'property_unique_name'})

    Args:
        *fields: The names of the fields, or expressions such as ``Trim("name")``.
        name: The constraint's name in the database.
        condition: Which live rows count. Defaults to all of them.
        ignore_case: The name or names of the fields to compare without regard to case. SQLite
            supports this only for ASCII letters.
        nulls_distinct: Whether any number of rows may have ``NULL`` (the default) or only one.
            PostgreSQL 14 supports only the default.
        violation_error_code: The code of the ``ValidationError``.
        violation_error_message: Its message. Defaults to Django's own for unique fields.

    Raises:
        ValueError: The condition is not a ``Q``, or ``ignore_case`` names an unknown field.
    """

    answered_checks: ClassVar[frozenset[str]] = frozenset({"models.W047"})

    def __init__(
        self,
        *fields: str | BaseExpression | Combinable,
        name: str,
        condition: Q | None = None,
        ignore_case: str | Sequence[str] = (),
        nulls_distinct: bool = True,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        if condition is not None and not isinstance(condition, Q):
            raise ValueError("UniqueAlive.condition must be a Q instance.")
        self.given_fields = fields
        self.alive_condition = condition or None
        self.ignore_case = (ignore_case,) if isinstance(ignore_case, str) else tuple(ignore_case)
        if unknown := set(self.ignore_case) - set(self.field_names):
            raise ValueError(
                f"UniqueAlive.ignore_case names {sorted(unknown)}, which it does not cover."
            )
        is_plain = len(self.field_names) == len(fields) and not self.ignore_case
        super().__init__(
            *(() if is_plain else map(self._fold_case, fields)),
            fields=self.field_names if is_plain else (),
            name=name,
            condition=ALIVE & condition if condition else ALIVE,
            # Distinct is the default of every database.
            nulls_distinct=None if nulls_distinct else False,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields that were given by name."""
        return tuple(field for field in self.given_fields if isinstance(field, str))

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the constraint."""
        _path, _expressions, kwargs = super().deconstruct()
        kwargs.pop("fields", None)
        del kwargs["condition"]
        if self.alive_condition is not None:
            kwargs["condition"] = self.alive_condition
        if self.ignore_case:
            kwargs["ignore_case"] = self.ignore_case
        return "django_modernize.integrity.UniqueAlive", self.given_fields, kwargs

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Check for a live row with the instance's values.

        Forms never contain ``deleted_at``, so it is used even if it is excluded.

        Raises:
            ValidationError: There is one. The message and code are the same as for
                ``unique=True``, so that a form shows the error next to the field.

        Costs one query.
        """
        excluded = {*(exclude or ()), *name_unresolved(instance)} - {"deleted_at"}
        try:
            super().validate(model, instance, exclude=excluded, using=using)
        except ValidationError as error:
            raise self._reword(model, instance, error) from error

    # Django's stubs declare str, but its own constraints return statements.
    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return nothing for ``CREATE TABLE``, after deferring the index."""
        return self._choose_index(schema_editor).constraint_sql(model, schema_editor)

    def create_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that creates the index. It fails if there are duplicates."""
        return self._choose_index(schema_editor).create_sql(model, schema_editor)

    def remove_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that drops the index."""
        return self._choose_index(schema_editor).remove_sql(model, schema_editor)

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the check messages about the model."""
        return [*check_deletion_field(self, model), *check_nulls(self, model, connection)]

    def _fold_case(self, field: str | BaseExpression | Combinable) -> Any:
        return Lower(field) if field in self.ignore_case else field

    def _choose_index(self, schema_editor: Any) -> UniqueConstraint:
        """Return the Django constraint that creates the index in the database."""
        options: dict[str, Any] = {"name": self.name, "condition": self.condition}
        if schema_editor.connection.vendor == "sqlite" and self.nulls_distinct is False:
            return UniqueConstraint(*self._tell_nulls_apart(), **options)
        return UniqueConstraint(
            *self.expressions,
            fields=self.fields,
            nulls_distinct=self.nulls_distinct,
            **options,
        )

    def _tell_nulls_apart(self) -> Iterator[Func]:
        """Yield expressions that are never ``NULL`` and are equal if the values are the same."""
        for expression in self.expressions or map(F, self.fields):
            yield Func(expression, Value(""), function="ifnull", output_field=TextField())
            yield Func(
                expression, template="(%(expressions)s IS NULL)", output_field=BooleanField()
            )

    def _reword(
        self, model: type[Model], instance: Model, error: ValidationError
    ) -> ValidationError:
        is_default = self.violation_error_message == self.default_violation_error_message
        is_named = len(self.field_names) == len(self.given_fields)
        if not is_named or not is_default or self.violation_error_code is not None:
            return error
        return instance.unique_error_message(model, self.field_names)
