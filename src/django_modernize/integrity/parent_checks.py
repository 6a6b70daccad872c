"""System checks of ``SameParent``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.db.models import Field, ForeignKey, Model, UniqueConstraint

if TYPE_CHECKING:
    from .same_parent import SameParent

__all__ = ["check_bond"]


def check_bond(constraint: SameParent, model: type[Model]) -> list[CheckMessage]:
    """Check a ``SameParent``: E107, E108."""
    relation = _find_local_field(model, constraint.relation)
    if not isinstance(relation, ForeignKey) or isinstance(relation.remote_field.model, str):
        return [_refuse_name(constraint, model, constraint.relation, "no foreign key")]
    if _find_local_field(model, constraint.field) is None:
        return [_refuse_name(constraint, model, constraint.field, "no column")]
    parent: Any = relation.remote_field.model
    if _find_local_field(parent, constraint.parent_field) is None:
        return [_refuse_name(constraint, parent, constraint.parent_field, "no column")]
    key = relation.target_field.name
    if _has_key(parent, {key, constraint.parent_field}):
        return []
    return [_ask_for_key(constraint, model, parent, key)]


def _find_local_field(model: type[Model], name: str) -> Field[Any, Any] | None:
    return next((field for field in model._meta.local_concrete_fields if field.name == name), None)


def _has_key(parent: type[Model], names: set[str]) -> bool:
    if any(set(together) == names for together in parent._meta.unique_together):
        return True
    return any(
        isinstance(found, UniqueConstraint)
        and set(found.fields) == names
        and found.condition is None
        and found.deferrable is None
        for found in parent._meta.constraints
    )


def _refuse_name(constraint: SameParent, model: type[Model], name: str, lack: str) -> CheckMessage:
    own = ", ".join(sorted(field.name for field in model._meta.local_concrete_fields))
    return Error(
        f"SameParent {constraint.name!r} names {name!r}, which is {lack} of {model.__name__}.",
        hint=f"Name one of the model's own fields: {own}.",
        obj=model,
        id="modernize.E107",
    )


def _ask_for_key(
    constraint: SameParent, model: type[Model], parent: type[Model], key: str
) -> CheckMessage:
    field = constraint.parent_field
    named_key = "" if key == "id" else f'key="{key}", '
    return Error(
        f"SameParent {constraint.name!r} has no key to refer to: {parent.__name__} has no key "
        f"over {key!r} and {field!r}.",
        hint=f"Add to Meta.constraints of {parent.__name__}: "
        f'ParentKey("{field}", {named_key}name="{parent._meta.model_name}_key_with_{field}").',
        obj=model,
        id="modernize.E108",
    )
