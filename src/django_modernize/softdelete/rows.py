"""Find rows by their marks from any table of a multi-table inheritance."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Expression, Model, Q, QuerySet

from .relations import find_owner, find_relatives, is_soft_deletable

__all__ = ["rows_of_owner", "taken_rows"]


def rows_of_owner(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the rows that have the marks of the given rows, as a plain queryset."""
    owner = find_owner(rows.model)
    plain: QuerySet[Any] = QuerySet(owner, using=rows.db)
    if rows.model is owner and _is_plain(rows):
        plain.query = rows.query.chain()
        return plain
    # A child inherits its parent's fields, so this is the owner's key whatever the child's is.
    return plain.filter(pk__in=rows.order_by().values(owner._meta.pk.name))


def taken_rows(
    relative: type[Model], owner: type[Model], ids: Collection[UUID | Expression], using: str
) -> "QuerySet[Any]":
    """Return the rows of a table that belong to objects hidden by the deletions.

    Args:
        relative: The owner, or a model related to it by inheritance.
        owner: The model that has the marks.
        ids: The ids of the deletions.
        using: The alias of the database.
    """
    rows: QuerySet[Any] = QuerySet(relative, using=using)
    if is_soft_deletable(relative):
        return rows.filter(deletion_id__in=ids)
    # The model is a parent without marks, which only its child has.
    among = Q()
    for child in find_relatives(owner):
        if is_soft_deletable(child) and relative in child._meta.all_parents:
            taken: QuerySet[Any] = QuerySet(child, using=using).filter(deletion_id__in=ids)
            among |= Q(pk__in=taken.values(relative._meta.pk.name))
    return rows.filter(among)


def _is_plain(rows: "QuerySet[Any]") -> bool:
    """Return whether a queryset selects from a single table and can be locked and updated."""
    query = rows.query
    return not (
        query.is_sliced
        or query.distinct
        or query.combinator
        or query.group_by
        or len(query.alias_map) > 1
    )
