"""The constraint that a row shares a value with the row it references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models import BaseConstraint, Deferrable, Field, ForeignKey, Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ..compat import ConstraintChecks
from .messages import RowText, is_visible
from .parent_checks import check_bond
from .references import column_of, refers_to_excluded

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["Bond", "SameParent"]

UNNAMED_MESSAGE: Final = _("%(field)s must be that of the %(relation)s.")

FOREIGN_KEY: Final = (
    "CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) REFERENCES %(parents)s (%(parent_columns)s)"
    "%(on_update)s%(deferrable)s"
)
ADD_KEY: Final = f"ALTER TABLE %(table)s ADD {FOREIGN_KEY}"
DROP_KEY: Final = "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bond:
    """The fields that a ``SameParent`` connects."""

    relation: ForeignKey[Any, Any]
    """The foreign key to the parent."""

    field: Field[Any, Any]
    """The child's field, which must equal that of the parent."""

    parent: type[Model]
    key: Field[Any, Any]
    """The parent's field that the relation references."""

    parent_field: Field[Any, Any]


class SameParent(ConstraintChecks, BaseConstraint):
    """A row has the same value as the row it references, whichever of the two changes.

    In the database it is a foreign key over both columns, so the parent's table needs a unique key
    over both: add a :class:`ParentKey` to its ``Meta.constraints``. A row passes if the relation
    or the field is ``NULL``.

    >>> SameParent("booking", "property", name="task_in_house_of_booking")
    <SameParent: relation='booking' field='property' name='task_in_house_of_booking'>

    Args:
        relation: The foreign key to the parent.
        field: The field that must equal that of the parent.
        name: The constraint's name in the database.
        parent_field: The name of the parent's field. Defaults to the same name.
        follows: Whether the database propagates a change of the parent to its children instead of
            refusing it. This keeps their stamps, and the audit trail records the changes.
        deferrable: When rows are checked: at the end of the transaction by default, like Django's
            foreign keys, so that both rows can be changed one after the other. ``None`` checks
            immediately.
        violation_error_code: The code of the ``ValidationError``, ``same_parent`` by default.
        violation_error_message: Its message, which may use ``%(field)s``, ``%(relation)s`` and
            ``%(other)s`` (the parent).
    """

    default_violation_error_message = _("%(field)s must be that of the %(relation)s “%(other)s”.")
    violation_error_code = "same_parent"

    def __init__(
        self,
        relation: str,
        field: str,
        *,
        name: str,
        parent_field: str | None = None,
        follows: bool = False,
        deferrable: Deferrable | None = Deferrable.DEFERRED,
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        self.relation = relation
        self.field = field
        self.parent_field = parent_field or field
        self.follows = follows
        self.deferrable = deferrable
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def __repr__(self) -> str:
        other = "" if self.parent_field == self.field else f" parent_field={self.parent_field!r}"
        follows = " follows=True" if self.follows else ""
        return (
            f"<{type(self).__qualname__}: relation={self.relation!r} field={self.field!r}{other} "
            f"name={self.name!r}{follows}>"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SameParent):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the constraint."""
        _path, _args, kwargs = super().deconstruct()
        if kwargs.get("violation_error_code") == SameParent.violation_error_code:
            del kwargs["violation_error_code"]
        if self.parent_field != self.field:
            kwargs["parent_field"] = self.parent_field
        if self.follows:
            kwargs["follows"] = True
        if self.deferrable is not Deferrable.DEFERRED:
            kwargs["deferrable"] = self.deferrable
        return "django_modernize.integrity.SameParent", (self.relation, self.field), kwargs

    def find_bond(self, model: type[Model]) -> Bond:
        """Return the fields of a model, or of its state in a migration."""
        relation = cast("ForeignKey[Any, Any]", model._meta.get_field(self.relation))
        parent = relation.remote_field.model
        return Bond(
            relation=relation,
            field=cast("Field[Any, Any]", model._meta.get_field(self.field)),
            parent=parent,
            key=relation.target_field,
            parent_field=cast("Field[Any, Any]", parent._meta.get_field(self.parent_field)),
        )

    # Django's stubs declare str, but its own constraints return statements or None.
    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the clause in ``CREATE TABLE`` on SQLite. PostgreSQL adds the key afterwards."""
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        if editor.connection.vendor == "sqlite":
            return str(self._build_statement(FOREIGN_KEY, model, editor))
        editor.deferred_sql.append(self.build_key(model, editor))
        return None

    def create_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that adds the key, deferred if the parent's key is added later."""
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        statement = self.build_key(model, editor)
        if not editor.collect_sql and self._has_parent_key(model, editor):
            return statement
        editor.deferred_sql.append(statement)
        return None

    def build_key(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        """Return the statement that adds the key to a PostgreSQL table."""
        return self._build_statement(ADD_KEY, model, schema_editor)

    def remove_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the statement that removes the key."""
        editor = cast("BaseDatabaseSchemaEditor", schema_editor)
        return self._build_statement(DROP_KEY, model, editor)

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Compare the instance with its stored parent.

        Raises:
            ValidationError: They differ. The message names the parent.

        Costs one query, or none if the relation or the field is ``NULL``.
        """
        if refers_to_excluded(model, (self.relation, self.field), None, exclude):
            return
        bond = self.find_bond(model)
        key, value = (getattr(instance, one.attname) for one in (bond.relation, bond.field))
        if any(one is None or hasattr(one, "resolve_expression") for one in (key, value)):
            return
        parent = bond.parent._base_manager.using(using).filter(**{bond.key.name: key}).first()
        if parent and getattr(parent, bond.parent_field.attname) != bond.field.to_python(value):
            raise self._describe_refusal(bond, parent)

    def get_violation_error_message(self) -> str:
        """Return the message with the field names, for an unknown model and parent."""
        return self._say(self.field, self.relation, None)

    def find_problems(
        self, model: type[Model], connection: BaseDatabaseWrapper
    ) -> list[CheckMessage]:
        """Return the check messages about the fields and the parent's key."""
        return check_bond(self, model)

    def _has_parent_key(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        bond = self.find_bond(model)
        wanted = {column_of(bond.key), column_of(bond.parent_field)}
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, bond.parent._meta.db_table)
        return any(key["unique"] and set(key["columns"]) == wanted for key in found.values())

    def _describe_refusal(self, bond: Bond, parent: Model) -> ValidationError:
        field, relation = (str(one.verbose_name) for one in (bond.field, bond.relation))
        message = self._say(field, relation, RowText(parent) if is_visible(parent) else None)
        return ValidationError(message, code=self.violation_error_code)

    def _say(self, field: str, relation: str, other: RowText | None) -> str:
        message = self.violation_error_message
        if other is None and message == self.default_violation_error_message:
            message = UNNAMED_MESSAGE
        said = {"field": field, "relation": relation, "other": other or _("another row")}
        return capfirst(str(message) % {"name": self.name, **said})

    def _build_statement(
        self, template: str, model: Any, schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        quote = schema_editor.quote_name
        bond = self.find_bond(model)
        table, parents = (one._meta.db_table for one in (model, bond.parent))

        def refer(of: str, *fields: Field[Any, Any]) -> Columns:
            return Columns(of, [column_of(field) for field in fields], quote)

        return Statement(
            template,
            name=quote(self.name),
            table=Table(table, quote),
            columns=refer(table, bond.relation, bond.field),
            parents=Table(parents, quote),
            parent_columns=refer(parents, bond.key, bond.parent_field),
            on_update=" ON UPDATE CASCADE" if self.follows else "",
            deferrable=schema_editor._deferrable_constraint_sql(self.deferrable),  # type: ignore[attr-defined]
        )
