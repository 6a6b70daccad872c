"""The constraint that values are unique among the rows that are not soft-deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Q, UniqueConstraint
from django.db.models.expressions import BaseExpression, Combinable

from ..compat import ConstraintChecks
from .checks import check_deletion_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["UniqueAlive"]

ALIVE: Final = Q(deleted_at__isnull=True)


class UniqueAlive(ConstraintChecks, UniqueConstraint):
    """Values are unique among the living rows; what is soft-deleted blocks nothing.

    >>> UniqueAlive("name", name="property_unique_name").deconstruct()
    ('django_modernize.integrity.UniqueAlive', ('name',), {'name': 'property_unique_name'})

    Args:
        *fields: Names of fields, or expressions such as ``Lower("name")``.
        name: The constraint's name in the database.
        condition: Which of the living rows count; all of them by default.
        violation_error_code: The code of the ``ValidationError``.
        violation_error_message: Its text; by default Django's own for a value that is taken.

    Raises:
        ValueError: The condition is no ``Q``.
    """

    def __init__(
        self,
        *fields: str | BaseExpression | Combinable,
        name: str,
        condition: Q | None = None,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        if condition is not None and not isinstance(condition, Q):
            raise ValueError("UniqueAlive.condition must be a Q instance.")
        self.alive_condition = condition or None
        names = [field for field in fields if isinstance(field, str)]
        only_names = len(names) == len(fields)
        options: dict[str, Any] = {"fields": names} if only_names else {}
        super().__init__(
            *(() if only_names else fields),
            **options,
            name=name,
            condition=ALIVE & condition if condition else ALIVE,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return the arguments that make this constraint again, for a migration."""
        _path, expressions, kwargs = super().deconstruct()
        fields = kwargs.pop("fields", ())
        del kwargs["condition"]
        if self.alive_condition is not None:
            kwargs["condition"] = self.alive_condition
        return "django_modernize.integrity.UniqueAlive", (*fields, *expressions), kwargs

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Look for a living row with the instance's values.

        A form never shows ``deleted_at``, so it is looked at even when it is excluded.

        Raises:
            ValidationError: There is one. The error is worded and coded as for ``unique=True``,
                so that a form shows it at the field.

        Costs one query.
        """
        looked_at = set(exclude or ()) - {"deleted_at"}
        try:
            super().validate(model, instance, exclude=looked_at, using=using)
        except ValidationError as error:
            raise self._reword(model, instance, error) from error

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return what is wrong with the model for this constraint."""
        return check_deletion_field(self, model)

    def _reword(
        self, model: type[Model], instance: Model, error: ValidationError
    ) -> ValidationError:
        is_default = self.violation_error_message == self.default_violation_error_message
        if not self.fields or not is_default or self.violation_error_code is not None:
            return error
        return instance.unique_error_message(model, tuple(self.fields))
