"""The constraint that one field's value comes before another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint, F, Model, Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ..compat import ConstraintChecks
from .checks import check_same_kind
from .references import name_unresolved

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["Before"]

EQUAL_MESSAGE: Final = _("%(first)s must not be after %(second)s.")


class Before(ConstraintChecks, CheckConstraint):
    """A check constraint that one field's value comes before another's, with its own message.

    A row passes if either value is ``NULL``.

    >>> Before("check_in", "check_out", name="booking_in_before_out")
    <Before: first='check_in' second='check_out' name='booking_in_before_out'>

    Args:
        first: The field with the earlier, or smaller, value.
        second: The field with the later one.
        name: The constraint's name in the database.
        allow_equal: Whether both values may be equal.
        violation_error_code: The code of the ``ValidationError``.
        violation_error_message: Its message, which may use ``%(first)s`` and ``%(second)s``.
    """

    default_violation_error_message = _("%(first)s must be before %(second)s.")
    violation_error_code = "before"

    def __init__(
        self,
        first: str,
        second: str,
        *,
        name: str,
        allow_equal: bool = False,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        self.first = first
        self.second = second
        self.allow_equal = allow_equal
        lookup = "lte" if allow_equal else "lt"
        super().__init__(
            name=name,
            condition=Q((f"{first}__{lookup}", F(second))),
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def __repr__(self) -> str:
        equal = " allow_equal=True" if self.allow_equal else ""
        return (
            f"<{type(self).__qualname__}: first={self.first!r} second={self.second!r} "
            f"name={self.name!r}{equal}>"
        )

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the constraint."""
        _path, _args, kwargs = super().deconstruct()
        del kwargs["condition"]
        if kwargs.get("violation_error_code") == Before.violation_error_code:
            del kwargs["violation_error_code"]
        if self.allow_equal:
            kwargs["allow_equal"] = True
        return "django_modernize.integrity.Before", (self.first, self.second), kwargs

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Compare the instance's two values.

        Raises:
            ValidationError: They are in the wrong order.

        Costs one query that reads no table.
        """
        excluded = {*(exclude or ()), *name_unresolved(instance)}
        try:
            super().validate(model, instance, exclude=excluded, using=using)
        except ValidationError as error:
            labels = [_label(model, name) for name in (self.first, self.second)]
            raise ValidationError(self._say(*labels), code=self.violation_error_code) from error

    def get_violation_error_message(self) -> str:
        """Return the message with the names of the fields, for an unknown model."""
        return self._say(self.first, self.second)

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the check messages about the fields."""
        return check_same_kind(self, model, (self.first, self.second))

    def _say(self, first: str, second: str) -> str:
        message = self.violation_error_message
        if self.allow_equal and message == self.default_violation_error_message:
            message = EQUAL_MESSAGE
        return capfirst(str(message) % {"name": self.name, "first": first, "second": second})


def _label(model: type[Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))
