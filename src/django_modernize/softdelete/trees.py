"""Models that point to themselves: a whole tree is found by one recursive query."""

from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from .relations import KeyRelation, find_relations
from .rules import Rule

__all__ = ["find_trees", "find_whole_trees"]

# Only names out of the model are put in here.
WHOLE_TREE = (
    "WITH RECURSIVE taken(tree_key) AS ("
    "SELECT %(key)s FROM %(table)s WHERE %(deletion_id)s = %%s "
    "UNION SELECT child.%(key)s FROM %(table)s child "
    "JOIN taken ON child.%(parent)s = taken.tree_key WHERE child.%(deleted_at)s IS NULL"
    ") SELECT tree_key FROM taken"
)


def find_trees(model: type[Model]) -> list[KeyRelation]:
    """Return the keys with which a model's rows hang from one another, if they cascade."""
    return [
        relation
        for relation in find_relations(model)
        if relation.rule is Rule.CASCADE
        and isinstance(relation, KeyRelation)
        and relation.child is relation.parent is model
    ]


def find_whole_trees(tree: KeyRelation, deletion_id: UUID, using: str) -> "QuerySet[Model]":
    """Return the rows below those that a deletion has taken, however deep, those included."""
    model = tree.parent
    connection = connections[using]
    quote = connection.ops.quote_name
    key: Any = tree.field.target_field
    marker: Any = model._meta.get_field("deletion_id")
    sql = WHOLE_TREE % {
        "key": quote(key.column),
        "table": quote(model._meta.db_table),
        "parent": quote(str(tree.field.column)),
        "deletion_id": quote(marker.column),
        "deleted_at": quote("deleted_at"),
    }
    keys = RawSQL(sql, [marker.get_db_prep_value(deletion_id, connection)])  # noqa: S611
    return QuerySet(model, using=using).filter(**{f"{tree.parent_key}__in": keys})
