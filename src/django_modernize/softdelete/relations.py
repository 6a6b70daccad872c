"""The relations of a model, as seen from the deleted row."""

from dataclasses import dataclass
from typing import Any, TypeGuard

from django.db import router
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.db.models.functions import Cast

from .registry import keep_per_registry
from .rules import Rule, find_rule

__all__ = [
    "GenericLink",
    "KeyRelation",
    "Relation",
    "find_owner",
    "find_relations",
    "find_relatives",
    "is_soft_deletable",
    "is_stored_in",
    "keeps_parent",
]


@dataclass(frozen=True, slots=True)
class KeyRelation:
    """A foreign key, as seen from the model that it references."""

    field: "ForeignKey[Any, Any]"
    rule: Rule

    @property
    def child(self) -> type[Model]:
        """The model that has the key."""
        return self.field.model

    @property
    def parent(self) -> type[Model]:
        """The model that the key references."""
        parent: Any = self.field.related_model._meta.concrete_model
        return parent  # type: ignore[no-any-return]

    @property
    def parent_key(self) -> str:
        """The name of the parent's field that the key references."""
        return self.field.target_field.attname

    def find_children(self, parents: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows, living or not, that point to some parents."""
        keys = parents.order_by().values(self.parent_key)
        children: QuerySet[Any] = QuerySet(self.child, using=parents.db)
        return children.filter(**{f"{self.field.name}__in": keys})

    def find_parents(self, children: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows, living or not, that some children point to."""
        keys = children.order_by().values(self.field.attname)
        parents: QuerySet[Any] = QuerySet(self.parent, using=children.db)
        return parents.filter(**{f"{self.parent_key}__in": keys})


@dataclass(frozen=True, slots=True)
class GenericLink:
    """A ``GenericRelation``, whose children are deleted with their parent."""

    field: Any
    rule: Rule = Rule.CASCADE

    @property
    def child(self) -> type[Model]:
        """The model with the generic foreign key."""
        child: type[Model] = self.field.remote_field.model
        return child

    @property
    def parent(self) -> type[Model]:
        """The model that declares the relation."""
        parent: type[Model] = self.field.model
        return parent

    def find_children(self, parents: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows, living or not, that point to some parents."""
        name = self.field.object_id_field_name
        # A generic key is often text, regardless of the type of the parents' keys.
        field: Any = self.child._meta.get_field(name)
        keys = parents.order_by().values(modernize_key=Cast("pk", field))
        return self._of_this_type(parents.db).filter(**{f"{name}__in": keys})

    def find_parents(self, children: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows, living or not, that some children point to."""
        name = self.field.object_id_field_name
        own = self._of_this_type(children.db).filter(pk__in=children.order_by().values("pk"))
        keys = own.values(modernize_key=Cast(name, self.parent._meta.pk))
        parents: QuerySet[Any] = QuerySet(self.parent, using=children.db)
        return parents.filter(pk__in=keys)

    def _of_this_type(self, using: str) -> "QuerySet[Any]":
        parent: Any = self.parent
        if self.field.for_concrete_model:
            parent = parent._meta.concrete_model
        types: Any = self.child._meta.get_field(self.field.content_type_field_name).related_model
        # Select the content type in the statement: its id may change, but statements are cached.
        this_type: QuerySet[Any] = QuerySet(types, using=using).filter(
            app_label=parent._meta.app_label, model=parent._meta.model_name
        )
        rows: QuerySet[Any] = QuerySet(self.child, using=using)
        return rows.filter(**{f"{self.field.content_type_field_name}__in": this_type.values("pk")})


Relation = KeyRelation | GenericLink


def is_soft_deletable(model: type[Model]) -> bool:
    """Return whether a model's rows are marked instead of deleted."""
    return getattr(model, "deletion_marker", None) == "deleted_at"


def find_owner(model: type[Model]) -> type[Model]:
    """Return the model whose table has the marks: the model itself or an ancestor."""
    return model._meta.get_field("deleted_at").model


@keep_per_registry
def find_relations(model: type[Model]) -> tuple[Relation, ...]:
    """Return the relations to a model, including those to its ancestors and descendants.

    With multi-table inheritance, all tables of an object are deleted together, so a reference to
    any of them counts. ``deleted_by`` is excluded, so that it survives the deletion of that user.
    """
    found: dict[Any, Relation] = {}
    for relative in find_relatives(model):
        for field in relative._meta.get_fields(include_hidden=True):
            key = _key_behind(field)
            # Both parent and child report an inherited relation.
            if key is not None and key not in found:
                found[key] = KeyRelation(key, find_rule(key))
        for field in relative._meta.private_fields:
            if hasattr(field, "bulk_related_objects"):
                found[field] = GenericLink(field)
    return tuple(found.values())


def keeps_parent(relation: Relation) -> TypeGuard[KeyRelation]:
    """Return whether a remaining child prevents its parent from being purged."""
    if not isinstance(relation, KeyRelation) or relation.rule is Rule.REPLACE:
        return False
    return relation.rule is not Rule.CASCADE or is_soft_deletable(relation.child)


def is_stored_in(using: str, model: type[Model]) -> bool:
    """Return whether a database has a model's table, according to the routers."""
    return router.allow_migrate_model(using, model)


@keep_per_registry
def find_relatives(model: type[Model]) -> tuple[type[Model], ...]:
    """Return the models whose tables hold parts of the same object, starting with the model."""
    models: list[Any] = [model, *model._meta.all_parents]
    for candidate in model._meta.apps.get_models():
        if model in candidate._meta.all_parents and not candidate._meta.proxy:
            models += [candidate, *candidate._meta.all_parents]
    return tuple(dict.fromkeys(one._meta.concrete_model for one in models))


def _key_behind(field: Any) -> "ForeignKey[Any, Any] | None":
    if not field.auto_created or field.concrete or not (field.one_to_many or field.one_to_one):
        return None
    key: Field[Any, Any] = field.field
    if not isinstance(key, ForeignKey) or getattr(key.remote_field, "parent_link", False):
        return None
    is_own_mark = key.name == "deleted_by" and is_soft_deletable(key.model)
    return None if is_own_mark else key
