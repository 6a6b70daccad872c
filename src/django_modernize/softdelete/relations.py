"""Which relations a deletion follows, and which stand in its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Field, ForeignKey, Model, QuerySet

from ..compat import CASCADING_RULES

__all__ = ["Relation", "find_cascade_family", "find_relations", "is_soft_deletable"]


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key, seen from the model that it points to."""

    field: "ForeignKey[Any, Any]"

    @property
    def child(self) -> type[Model]:
        """The model that holds the key."""
        return self.field.model

    @property
    def parent(self) -> type[Model]:
        """The model that the key points to."""
        return self.field.related_model

    @property
    def is_cascade(self) -> bool:
        """Whether the children go where their parent goes."""
        return self.field.remote_field.on_delete in CASCADING_RULES

    @property
    def is_protect(self) -> bool:
        """Whether any living child keeps its parent alive."""
        return self.field.remote_field.on_delete is models.PROTECT

    @property
    def is_restrict(self) -> bool:
        """Whether a child keeps its parent alive unless it goes itself."""
        return self.field.remote_field.on_delete is models.RESTRICT

    def living_children(self, parents: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the living rows that point to some parents."""
        target: Field[Any, Any] = self.field.target_field
        keys = parents.order_by().values(target.attname)
        children: QuerySet[Any] = QuerySet(self.child, using=parents.db).filter(
            **{f"{self.field.name}__in": keys}
        )
        return children.filter(deleted_at=None) if is_soft_deletable(self.child) else children


def is_soft_deletable(model: type[Model]) -> bool:
    """Tell whether a model's rows are marked in place of being deleted."""
    return getattr(model, "deletion_marker", None) == "deleted_at"


def find_relations(model: type[Model]) -> Iterator[Relation]:
    """Return the keys that point to a model, to its parents or to its children by inheritance.

    The tables of one object in multi-table inheritance are deleted together, so whoever points
    to one of them is concerned.
    """
    found: dict[Field[Any, Any], None] = {}
    for relative in _find_relatives(model):
        for field in relative._meta.get_fields(include_hidden=True):
            if (
                field.auto_created
                and not field.concrete
                and (field.one_to_many or field.one_to_one)
            ):
                # An inherited relation is reported by parent and child.
                found.setdefault(field.field)  # type: ignore[union-attr]
    for key in found:
        if not getattr(key.remote_field, "parent_link", False):
            yield Relation(key)  # type: ignore[arg-type]


def find_cascade_family(model: type[Model]) -> list[type[Model]]:
    """Return all soft-deletable models that one deletion can take rows of, with this one's."""
    neighbours: dict[type[Model], set[type[Model]]] = {}
    for candidate in apps.get_models():
        if is_soft_deletable(candidate):
            for relation in find_relations(candidate):
                if relation.is_cascade and is_soft_deletable(relation.child):
                    neighbours.setdefault(candidate, set()).add(relation.child)
                    neighbours.setdefault(relation.child, set()).add(candidate)
    family, pending = {model}, [model]
    while pending:
        found = neighbours.get(pending.pop(), set()) - family
        family |= found
        pending.extend(found)
    owners = {find_owner(member) for member in family}
    return sorted(owners, key=lambda member: member._meta.label)


def find_owner(model: type[Model]) -> type[Model]:
    """Return the model whose table has the marks: itself, or an ancestor by inheritance."""
    return model._meta.get_field("deleted_at").model


def _find_relatives(model: type[Model]) -> Iterator[type[Model]]:
    yield model
    yield from model._meta.all_parents
    for candidate in apps.get_models():
        if model in candidate._meta.all_parents:
            yield candidate
