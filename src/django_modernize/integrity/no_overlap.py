"""The constraint that ranges do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Deferrable, F, Field, Model, Q
from django.utils.translation import gettext_lazy as _

from ..compat import ConstraintChecks
from .checks import check_ranges
from .messages import describe_overlap, is_visible
from .references import refers_to_excluded
from .search import search_overlaps
from .vendors import find_vendor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["NoOverlap"]

UNNAMED_MESSAGE: Final = _("The range overlaps with that of another row.")


class NoOverlap(ConstraintChecks, BaseConstraint):
    """No two rows of a partition have overlapping ranges, as enforced by the database.

    A range includes its start but not its end: checking out and checking in on the same day do not
    overlap. A row counts if its start is before its end, if neither these nor a field of the
    partition are ``NULL``, and if it satisfies the condition. Any other row blocks nothing and is
    never refused.

    On PostgreSQL it is an exclusion constraint, on SQLite a pair of triggers with an index.

    >>> NoOverlap("check_in", "check_out", partition_by="property", name="booking_no_overlap")
    <NoOverlap: start='check_in' end='check_out' partition_by=('property',) \
name='booking_no_overlap'>

    Args:
        start: The date, datetime or integer field with the start of the range.
        end: The field of the same type with its end.
        partition_by: The field or fields that must be equal for ranges to conflict. Defaults to
            none, so that all rows of the table are compared.
        condition: Which rows count, e.g. ``Q(deleted_at__isnull=True) & ~Q(status="cancelled")``.
        name: The constraint's name in the database.
        deferrable: When PostgreSQL checks rows: immediately by default, or at the end of the
            transaction with ``Deferrable.DEFERRED``, so that rows can be swapped. SQLite always
            checks immediately.
        violation_error_code: The code of the ``ValidationError``, ``overlap`` by default.
        violation_error_message: Its message, which may use ``%(model)s``, ``%(other)s`` (the
            conflicting row), ``%(start)s`` and ``%(end)s`` (the range of that row).

    Raises:
        TypeError: ``deferrable`` is not a ``Deferrable``.
        ValueError: The condition is not a ``Q``.
    """

    default_violation_error_message = _(
        "This %(model)s overlaps with “%(other)s” (%(start)s to %(end)s)."
    )
    violation_error_code = "overlap"

    def __init__(
        self,
        start: str,
        end: str,
        *,
        partition_by: str | Sequence[str] = (),
        condition: Q | None = None,
        name: str,
        deferrable: Deferrable | None = None,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        if condition is not None and not isinstance(condition, Q):
            raise ValueError("NoOverlap.condition must be a Q instance.")
        if deferrable is not None and not isinstance(deferrable, Deferrable):
            raise TypeError("NoOverlap.deferrable must be a Deferrable instance.")
        self.start = start
        self.end = end
        self.partition_by = (
            (partition_by,) if isinstance(partition_by, str) else tuple(partition_by)
        )
        self.condition = condition or None
        self.deferrable = deferrable
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def __repr__(self) -> str:
        partition = f" partition_by={self.partition_by!r}" if self.partition_by else ""
        condition = "" if self.condition is None else f" condition={self.condition}"
        return (
            f"<{type(self).__qualname__}: start={self.start!r} end={self.end!r}{partition} "
            f"name={self.name!r}{condition}>"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoOverlap):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the constraint."""
        _path, _args, kwargs = super().deconstruct()
        if kwargs.get("violation_error_code") == NoOverlap.violation_error_code:
            del kwargs["violation_error_code"]
        if self.partition_by:
            kwargs["partition_by"] = self.partition_by
        if self.condition is not None:
            kwargs["condition"] = self.condition
        if self.deferrable is not None:
            kwargs["deferrable"] = self.deferrable
        return "django_modernize.integrity.NoOverlap", (self.start, self.end), kwargs

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of the start, end and partition fields."""
        return (self.start, self.end, *self.partition_by)

    def find_fields(self, model: type[Model]) -> list[Field[Any, Any]]:
        """Return the fields of :attr:`field_names` in a model or its state in a migration."""
        return [model._meta.get_field(name) for name in self.field_names]  # type: ignore[misc]

    def membership(self, model: type[Model]) -> Q:
        """Return the condition for the rows that count, the same for every database."""
        taking_part = Q((f"{self.start}__lt", F(self.end)))
        for field in self.find_fields(model)[2:]:
            # PostgreSQL treats a range of two NULLs as unbounded.
            if field.null:
                taking_part &= Q((f"{field.name}__isnull", False))
        return taking_part if self.condition is None else taking_part & self.condition

    # Django's stubs declare str, but its own constraints return statements or None.
    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the constraint's clause in ``CREATE TABLE``, if it has one."""
        return _vendor_of(schema_editor).constraint_sql(self, model, schema_editor)

    def create_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that adds the constraint. It fails if stored rows overlap."""
        return _vendor_of(schema_editor).create_sql(self, model, schema_editor)

    def remove_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that removes the constraint, if one is needed."""
        return _vendor_of(schema_editor).remove_sql(self, model, schema_editor)

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Check for a stored row that overlaps with the instance.

        If another transaction stores one afterwards, the database refuses the instance.

        Raises:
            ValidationError: There is one. The message names it and its range.

        Costs one query.
        """
        if refers_to_excluded(model, self.field_names, self.condition, exclude):
            return
        for _position, other in search_overlaps(self, model, [instance], using):
            raise self.describe_refusal(other)

    def describe_refusal(self, other: Model | None) -> ValidationError:
        """Return the error for a refused row.

        Args:
            other: The conflicting row, if known. ``MODERNIZE["CONFLICT_VISIBILITY"]`` decides
                whether the message may name it.
        """
        if other is None or not is_visible(other):
            message = self.get_violation_error_message()
            return ValidationError(message, code=self.violation_error_code)
        return ValidationError(
            str(self.violation_error_message),
            code=self.violation_error_code,
            params={"name": self.name, **describe_overlap(self, other)},
        )

    def get_violation_error_message(self) -> str:
        """Return the message for an unknown conflicting row."""
        if self.violation_error_message == self.default_violation_error_message:
            return str(UNNAMED_MESSAGE)
        unknown = {"model": _("row"), "other": _("another row"), "start": "…", "end": "…"}
        return str(self.violation_error_message) % {"name": self.name, **unknown}

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the check messages about the model and the database."""
        return check_ranges(self, model, connection)


def _vendor_of(schema_editor: BaseDatabaseSchemaEditor | None) -> ModuleType:
    # The stubs allow None, which Django never passes.
    return find_vendor(cast("BaseDatabaseSchemaEditor", schema_editor).connection)
