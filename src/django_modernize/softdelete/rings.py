"""Find deleted rows that reference each other in a cycle and can only be purged together."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.db.models import Model, QuerySet

from .relations import (
    KeyRelation,
    find_owner,
    find_relations,
    is_soft_deletable,
    is_stored_in,
    keeps_parent,
)

__all__ = ["Rows", "chunk_keys", "find_ring_models", "find_rings"]

CHUNK: Final = 500
"""The number of keys per query. Some builds of SQLite accept at most 999 parameters."""

Rows = dict[type[Model], set[Any]]
"""The primary keys of rows of several models."""

Row = tuple[type[Model], Any]


def find_ring_models(owners: Iterable[type[Model]], using: str) -> list[type[Model]]:
    """Return the models whose rows can reference each other in a cycle."""
    among = list(owners)
    children = {
        owner: {
            find_owner(one.child)
            for one in _list_keys(owner, using)
            if is_soft_deletable(one.child)
        }
        for owner in among
    }

    def can_reach_itself(owner: type[Model]) -> bool:
        seen: set[type[Model]] = set()
        pending = list(children[owner])
        while pending:
            model = pending.pop()
            if model not in seen:
                seen.add(model)
                pending += children.get(model, ())
        return owner in seen

    return [owner for owner in among if can_reach_itself(owner)]


def find_rings(
    seeds: Rows, find_removable: Callable[[type[Model]], "QuerySet[Any] | None"], using: str
) -> Rows:
    """Return the rows that can be removed together with everything that needs them.

    Args:
        seeds: The rows to start from.
        find_removable: A callable that returns the removable rows of a model, or ``None``.
        using: The alias of the database.

    Returns:
        Rows that no other row needs, including rows that need the seeds.

    Costs two queries per relation and chunk of rows found. Only the keys are held in memory.
    """
    found: Rows = {model: set(keys) for model, keys in seeds.items()}
    parents: dict[Row, set[Row]] = {}
    kept: set[Row] = set()
    pending = list(found.items())
    while pending:
        model, keys = pending.pop()
        for relation in _list_keys(model, using):
            pairs = list(_find_pairs(relation, keys, using))
            removable = _choose_removable(relation, {child for child, _ in pairs}, find_removable)
            owner = find_owner(relation.child) if removable else relation.child
            for child, parent in pairs:
                if child in removable:
                    parents.setdefault((owner, child), set()).add((model, parent))
                else:
                    kept.add((model, parent))
            if fresh := removable - found.setdefault(owner, set()):
                found[owner] |= fresh
                pending.append((owner, fresh))
    return _leave_out(found, _follow(kept, parents))


def chunk_keys(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield keys in sorted chunks that fit into a query."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _find_pairs(relation: KeyRelation, keys: set[Any], using: str) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of keys: of a row that references one of the given rows, and of that row."""
    children: QuerySet[Any] = QuerySet(relation.child, using=using)
    name = relation.field.name
    for chunk in chunk_keys(keys):
        rows = children.filter(**{f"{name}__pk__in": chunk})
        yield from rows.order_by().values_list("pk", f"{name}__pk")


def _choose_removable(
    relation: KeyRelation,
    children: set[Any],
    find_removable: Callable[[type[Model]], "QuerySet[Any] | None"],
) -> set[Any]:
    rows = find_removable(find_owner(relation.child)) if is_soft_deletable(relation.child) else None
    if rows is None:
        return set()
    return {
        key
        for chunk in chunk_keys(children)
        for key in rows.filter(pk__in=chunk).values_list("pk", flat=True)
    }


def _follow(rows: set[Row], parents: dict[Row, set[Row]]) -> set[Row]:
    """Return rows with everything that they reference, directly or indirectly."""
    reached = set(rows)
    pending = list(rows)
    while pending:
        fresh = parents.get(pending.pop(), set()) - reached
        reached |= fresh
        pending += fresh
    return reached


def _leave_out(rows: Rows, kept: set[Row]) -> Rows:
    left = {
        model: {key for key in keys if (model, key) not in kept} for model, keys in rows.items()
    }
    return {model: keys for model, keys in left.items() if keys}


def _list_keys(model: type[Model], using: str) -> list[KeyRelation]:
    return [
        relation
        for relation in find_relations(model)
        if keeps_parent(relation) and is_stored_in(using, relation.child)
    ]
