"""Models that reference themselves, whose trees are found with one recursive query."""

from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from .relations import KeyRelation, find_relations
from .rules import Rule
from .statements import compile_select

__all__ = ["find_trees", "find_whole_trees"]

# Only names from the model and SQL compiled by Django are inserted here.
WHOLE_TREE = (
    "WITH RECURSIVE taken(tree_key) AS (%(roots)s "
    "UNION SELECT child.%(key)s FROM %(table)s child "
    "JOIN taken ON child.%(parent)s = taken.tree_key WHERE child.%(deleted_at)s IS NULL"
    ") SELECT tree_key FROM taken"
)


def find_trees(model: type[Model]) -> list[KeyRelation]:
    """Return the cascading foreign keys of a model to itself."""
    return [
        relation
        for relation in find_relations(model)
        if relation.rule is Rule.CASCADE
        and isinstance(relation, KeyRelation)
        and relation.child is relation.parent is model
    ]


def find_whole_trees(tree: KeyRelation, roots: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the given rows and all live rows below them."""
    quote = connections[roots.db].ops.quote_name
    found = compile_select(roots.order_by().values(tree.parent_key))
    sql = WHOLE_TREE % {
        "roots": found.sql,
        "key": quote(str(tree.field.target_field.column)),
        "table": quote(tree.parent._meta.db_table),
        "parent": quote(str(tree.field.column)),
        "deleted_at": quote("deleted_at"),
    }
    keys = RawSQL(sql, found.parameters)  # noqa: S611
    rows: QuerySet[Any] = QuerySet(tree.parent, using=roots.db)
    return rows.filter(**{f"{tree.parent_key}__in": keys})
