"""The constraint that rows do not form a cycle."""

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
    """Each row is an edge from a source to a target, and the edges form no cycle.

    A row counts if neither end is ``NULL`` and it satisfies the condition. A row whose source is
    its target is a cycle too. On PostgreSQL the constraint is a trigger, which makes writers of
    such rows wait for each other. On SQLite it is two triggers.

    >>> NoCycle("task", "needed", name="dependency_no_cycle")
    <NoCycle: source='task' target='needed' name='dependency_no_cycle'>

    In a tree, the edges go from each row to its parent:
    ``NoCycle("pk", "parent", name="folder_no_cycle")``.

    Args:
        source: The field with the source of the edge, or ``pk`` for the row itself.
        target: The field with the target, of the same type.
        condition: Which rows count, such as ``Q(deleted_at__isnull=True)``.
        name: The constraint's name in the database.
        violation_error_code: The code of the ``ValidationError``, ``cycle`` by default.
        violation_error_message: Its message, which may use ``%(model)s`` and ``%(path)s``.

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
        """Return what a migration needs to recreate the constraint."""
        _path, _args, kwargs = super().deconstruct()
        if kwargs.get("violation_error_code") == NoCycle.violation_error_code:
            del kwargs["violation_error_code"]
        if self.condition is not None:
            kwargs["condition"] = self.condition
        return "django_modernize.integrity.NoCycle", (self.source, self.target), kwargs

    def find_fields(self, model: type[Model]) -> tuple[Field[Any, Any], Field[Any, Any]]:
        """Return the source and target fields of a model, or of its state in a migration."""
        source, target = (
            model._meta.pk if name == "pk" else model._meta.get_field(name)
            for name in (self.source, self.target)
        )
        return cast("tuple[Field[Any, Any], Field[Any, Any]]", (source, target))

    def membership(self, model: type[Model]) -> Q:
        """Return the condition for the rows that count."""
        source, target = self.find_fields(model)
        names = [field.name for field in (source, target) if not field.primary_key]
        taking_part = Q(*((f"{name}__isnull", False) for name in names))
        return taking_part if self.condition is None else taking_part & self.condition

    # Django's stubs declare str, but its own constraints return statements or None.
    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Defer the statements until the table exists, and add nothing to ``CREATE TABLE``.

        Deferred SQL is adapted when Django rebuilds the table under another name.
        """
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        editor.deferred_sql.extend(_vendor_of(editor).build_statements(self, model, editor))

    def create_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the last statement that adds the constraint, after deferring the others.

        It fails if stored rows form a cycle.
        """
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        *earlier, last = _vendor_of(editor).build_statements(self, model, editor)
        editor.deferred_sql.extend(earlier)
        return last

    def remove_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that removes the constraint, if one is needed."""
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        return _vendor_of(editor).remove_sql(self, model, editor)

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Check for a path of stored rows from the instance's target back to its source.

        Raises:
            ValidationError: There is one. The message shows the path.

        Costs one query over the reachable rows, one more that reads no table if there is a
        condition, and one for the names along the path if validation fails.
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
        """Return the message for an unknown path."""
        if self.violation_error_message == self.default_violation_error_message:
            return str(UNNAMED_MESSAGE)
        unknown = {"name": self.name, "model": _("row"), "path": "…"}
        return str(self.violation_error_message) % unknown

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the check messages about the model and the database."""
        return check_edges(self, model, connection)

    def _takes_part(self, model: type[Model], instance: Model, using: str) -> bool:
        ends = [getattr(instance, field.attname) for field in self.find_fields(model)]
        if any(end is None or hasattr(end, "resolve_expression") for end in ends):
            return False
        if self.condition is None:
            return True
        # Django's own constraints evaluate an instance with the same two calls. Fields excluded
        # from a form because they are not editable count too.
        against = instance._get_field_expression_map(meta=model._meta)  # type: ignore[attr-defined]
        return self.condition.check(against, using=using)


def _vendor_of(schema_editor: BaseDatabaseSchemaEditor) -> ModuleType:
    return find_cycle_vendor(schema_editor.connection)
