"""The unique key of a parent that ``SameParent`` constraints of its children reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, UniqueConstraint
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .messages import RowText, is_visible
from .references import find_referenced_fields
from .same_parent import SameParent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["ParentKey", "find_bonds"]

UNNAMED_MESSAGE: Final = _("Something that goes with this row has another %(field)s.")


class ParentKey(UniqueConstraint):
    """A unique key over the parent's key and a field, referenced by ``SameParent`` of children.

    It refuses nothing by itself, since the key alone is already unique. Its validation checks for
    children that would no longer match if the field changed.

    >>> ParentKey("property", name="booking_key_in_house")
    <ParentKey: fields=('id', 'property') name='booking_key_in_house'>

    Args:
        field: The field that children share.
        name: The constraint's name in the database.
        key: The field that children reference. Defaults to the usual name of the primary key.
        violation_error_code: The code of the ``ValidationError``, ``same_parent`` by default.
        violation_error_message: Its message, which may use ``%(model)s``, ``%(other)s`` (the
            child) and ``%(field)s``.
    """

    default_violation_error_message = _(
        "The %(model)s “%(other)s” goes with this row and has another %(field)s."
    )
    violation_error_code = "same_parent"

    def __init__(
        self,
        field: str,
        *,
        name: str,
        key: str = "id",
        violation_error_code: str | None = None,
        violation_error_message: StrOrPromise | None = None,
    ) -> None:
        self.field = field
        self.key = key
        super().__init__(
            fields=(key, field),
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}: fields={self.fields!r} name={self.name!r}>"

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return what a migration needs to recreate the constraint."""
        _path, _expressions, kwargs = super().deconstruct()
        del kwargs["fields"]
        if kwargs.get("violation_error_code") == ParentKey.violation_error_code:
            del kwargs["violation_error_code"]
        if self.key != "id":
            kwargs["key"] = self.key
        return "django_modernize.integrity.ParentKey", (self.field,), kwargs

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """Check for children whose value differs from that of the instance.

        Raises:
            ValidationError: There is one. The message names it.

        Costs one query for each ``SameParent`` that references this key without ``follows``, and
        none for a new row.
        """
        if instance._state.adding or self.field in (exclude or ()):
            return
        own = find_referenced_fields(model, self.fields, None)
        key, value = (getattr(instance, field.attname) for field in own)
        if hasattr(value, "resolve_expression"):
            return
        for child, bond in find_bonds(model, self.field):
            rows = child._base_manager.using(using).filter(
                **{bond.relation: key, f"{bond.field}__isnull": False}
            )
            others = rows if value is None else rows.exclude(**{bond.field: value})
            if other := others.first():
                raise self._describe_refusal(other, str(own[1].verbose_name))

    def get_violation_error_message(self) -> str:
        """Return the message for an unknown child."""
        return self._say(None, self.field)

    def _describe_refusal(self, child: Model, field: str) -> ValidationError:
        message = self._say(child if is_visible(child) else None, field)
        return ValidationError(message, code=self.violation_error_code)

    def _say(self, child: Model | None, field: str) -> str:
        message = self.violation_error_message
        if child is None and message == self.default_violation_error_message:
            message = UNNAMED_MESSAGE
        model = _("row") if child is None else child._meta.verbose_name
        other = _("another row") if child is None else RowText(child)
        said = {"name": self.name, "model": model, "other": other, "field": field}
        return capfirst(str(message) % said)


def find_bonds(parent: type[Model], field: str) -> Iterator[tuple[type[Model], SameParent]]:
    """Yield the constraints of children that a change of a parent's field could violate."""
    for related in parent._meta.related_objects:
        child = related.related_model
        for constraint in child._meta.constraints:
            if (
                isinstance(constraint, SameParent)
                and constraint.relation == related.field.name
                and constraint.parent_field == field
                and not constraint.follows
            ):
                yield child, constraint
