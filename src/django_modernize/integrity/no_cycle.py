"""The constraint that rows lead from one thing to another in no circle."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Field, Model, Q
from django.utils.translation import gettext_lazy as _

from ..compat import ConstraintChecks
from .cycle_search import PathText, find_path
from .edge_checks import check_edges
from .references import refers_to_excluded
from .vendors import find_cycle_vendor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["NoCycle"]

UNNAMED_MESSAGE: Final = _("This would close a circle.")


class NoCycle(ConstraintChecks, BaseConstraint):
    """Rows that lead from one thing to another must not form a circle.

    A row takes part if neither end is ``NULL`` and the condition holds. A row that leads from a
    thing to itself is a circle too. The database enforces it by a trigger on PostgreSQL, which
    makes concurrent writers of such rows wait for one another, and by two on SQLite.

    >>> NoCycle("task", "needed", name="dependency_no_cycle")
    <NoCycle: source='task' target='needed' name='dependency_no_cycle'>

    A tree leads from each row to its parent: ``NoCycle("pk", "parent", name="folder_no_cycle")``.

    Args:
        source: The field that says where a row leads from, or ``pk`` for the row itself.
        target: The field of the same type that says where it leads to.
        condition: Which rows count, such as ``Q(deleted_at__isnull=True)``.
        name: The constraint's name in the database.
        violation_error_code: The code of the ``ValidationError``, ``cycle`` by default.
        violation_error_message: Its text, which may name ``%(model)s`` and ``%(path)s``.

    Raises:
        ValueError: The condition is not a ``Q``.
    """

    default_violation_error_message = _("This %(model)s would close a circle: %(path)s.")
    violation_error_code = "cycle"

    def __init__(
        self,
        source: str,
        target: str,
        *,
        condition: Q | None = None,
        name: str,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        if condition is not None and not isinstance(condition, Q):
            raise ValueError("NoCycle.condition must be a Q instance.")
        self.source = source
        self.target = target
        self.condition = condition or None
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def __repr__(self) -> str:
        condition = "" if self.condition is None else f" condition={self.condition}"
        return (
            f"<{type(self).__qualname__}: source={self.source!r} target={self.target!r} "
            f"name={self.name!r}{condition}>"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoCycle):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return the arguments that make this constraint again, for a migration."""
        _path, _args, kwargs = super().deconstruct()
        if kwargs.get("violation_error_code") == NoCycle.violation_error_code:
            del kwargs["violation_error_code"]
        if self.condition is not None:
            kwargs["condition"] = self.condition
        return "django_modernize.integrity.NoCycle", (self.source, self.target), kwargs

    def find_fields(self, model: type[Model]) -> tuple[Field[Any, Any], Field[Any, Any]]:
        """Return the source and the target in a model, or in a migration's state of it."""
        source, target = (
            model._meta.pk if name == "pk" else model._meta.get_field(name)
            for name in (self.source, self.target)
        )
        return cast("tuple[Field[Any, Any], Field[Any, Any]]", (source, target))

    def membership(self, model: type[Model]) -> Q:
        """Return which rows take part."""
        source, target = self.find_fields(model)
        names = [field.name for field in (source, target) if not field.primary_key]
        taking_part = Q(*((f"{name}__isnull", False) for name in names))
        return taking_part if self.condition is None else taking_part & self.condition

    # Django's stubs promise text where its own constraints give statements or nothing.
    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Put what a table needs behind its creation; inside ``CREATE TABLE`` stands nothing.

        Deferred SQL follows the table when Django rebuilds it under another name.
        """
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        editor.deferred_sql.extend(_vendor_of(editor).build_statements(self, model, editor))

    def create_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the last statement that adds the constraint, with others before it deferred.

        It fails where stored rows lead in a circle.
        """
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        *earlier, last = _vendor_of(editor).build_statements(self, model, editor)
        editor.deferred_sql.extend(earlier)
        return last

    def remove_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that takes the constraint away, if it needs one."""
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        return _vendor_of(editor).remove_sql(self, model, editor)

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Look for stored rows that lead back from the instance's target to its source.

        Raises:
            ValidationError: There are some; the message names the way.

        Costs one query over the rows that can be reached, one more that reads no table where there
        is a condition, and one for the names of those on the way after a refusal.
        """
        source, target = self.find_fields(model)
        names = [field.name for field in (source, target) if not field.primary_key]
        if refers_to_excluded(model, names, self.condition, exclude):
            return
        if not self._takes_part(model, instance, using):
            return
        path = find_path(self, model, instance, using)
        if path is not None:
            raise ValidationError(
                str(self.violation_error_message),
                code=self.violation_error_code,
                params={
                    "name": self.name,
                    "model": model._meta.verbose_name,
                    "path": PathText(path, target, using),
                },
            )

    def get_violation_error_message(self) -> str:
        """Return the message where the way is not known."""
        if self.violation_error_message == self.default_violation_error_message:
            return str(UNNAMED_MESSAGE)
        unknown = {"name": self.name, "model": _("row"), "path": "…"}
        return str(self.violation_error_message) % unknown

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return what is wrong with the model, or with the database, for this constraint."""
        return check_edges(self, model, connection)

    def _takes_part(self, model: type[Model], instance: Model, using: str) -> bool:
        ends = [getattr(instance, field.attname) for field in self.find_fields(model)]
        if any(end is None or hasattr(end, "resolve_expression") for end in ends):
            return False
        if self.condition is None:
            return True
        # Django's own constraints judge an instance by the same two calls. What a form leaves out
        # because nobody edits it counts all the same.
        against = instance._get_field_expression_map(meta=model._meta)  # type: ignore[attr-defined]
        return self.condition.check(against, using=using)


def _vendor_of(schema_editor: BaseDatabaseSchemaEditor) -> ModuleType:
    return find_cycle_vendor(schema_editor.connection)
