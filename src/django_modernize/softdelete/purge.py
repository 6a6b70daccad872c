"""Permanently delete rows that were soft-deleted long enough ago, children before parents."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Exists, FileField, Model, OuterRef, QuerySet
from django.db.models.signals import post_delete, pre_delete

from .guards.passage import removing_rows
from .journal import forget_lost_keys
from .relations import (
    KeyRelation,
    find_owner,
    find_relations,
    find_relatives,
    is_soft_deletable,
    is_stored_in,
    keeps_parent,
)
from .rings import Rows, chunk_keys, find_ring_models, find_rings
from .rules import Rule

__all__ = ["BATCH_SIZE", "purge_rows"]

BATCH_SIZE: Final = 5000

OldRows = dict[type[Model], "QuerySet[Any]"]
"""The rows of each model that are old enough and not on hold."""

GUARDING_RULES: Final = (Rule.PROTECT, Rule.RESTRICT)
"""The ``on_delete`` rules under which Django refuses to delete a row."""


def purge_rows(
    *,
    before: datetime,
    models: Collection[type[Model]] | None = None,
    using: str,
    batch_size: int = BATCH_SIZE,
    dry_run: bool = False,
) -> Iterator[tuple[str, int]]:
    """Purge the rows that were deleted before a given time, yielding the count of each batch.

    A row is kept while it is on hold (:attr:`SoftDeleteMixin.purge_hold`) or while a remaining row
    needs it. Children that are not soft-deletable are deleted with their parent, and files when the
    batch is committed. Each batch is a separate transaction, so you can stop at any time and
    continue with the next call. Rows that reference each other in a cycle, within one model or
    across several, are deleted together, each cycle in one transaction.

    Args:
        before: Purge rows deleted before this time.
        models: The models to purge. Defaults to all soft-deletable models.
        using: The alias of the database.
        batch_size: The number of rows per transaction.
        dry_run: Whether to only count the rows that are old enough and not on hold.

    Returns:
        The label of a model and the number of rows, for each batch.

    Costs two queries per batch if Django has no cascades or signals to handle, and otherwise what
    Django's own deletion costs. See :func:`find_rings` for cycles.
    """
    owners = [owner for owner in _order_owners() if is_stored_in(using, owner)]
    if models is not None:
        wanted = {find_owner(model) for model in models}
        owners = [owner for owner in owners if owner in wanted]
    if dry_run:
        for owner in owners:
            if count := _old_rows(owner, before, using).count():
                yield owner._meta.label, count
        return
    old = {owner: _old_rows(owner, before, using) for owner in owners}
    ring_models = find_ring_models(owners, using)
    remaining = True
    while remaining:
        remaining = False
        for label, count in chain(
            _purge_free(old, batch_size), _purge_rings(old, ring_models, batch_size)
        ):
            # Repeat for rows freed within a cycle of models. Elsewhere no parents are left to
            # free, since their children were deleted first.
            remaining = bool(ring_models)
            yield label, count
    forget_lost_keys(using=using)


def _purge_free(old: OldRows, batch_size: int) -> Iterator[tuple[str, int]]:
    """Delete rows that no other row needs."""
    for owner, rows in old.items():
        free = _choose_free(rows)
        for bounds in _list_bounds(rows, batch_size):
            if count := _remove_free(free.filter(**bounds)):
                yield owner._meta.label, count


def _remove_free(rows: "QuerySet[Any]") -> int:
    """Delete rows in a transaction, except those that Django refuses to delete."""
    try:
        with transaction.atomic(using=rows.db):
            return _remove([rows])
    except IntegrityError:
        # A row protects a child in the cascade. That must keep only the child's own parent.
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if len(keys) < 2:
            return 0
        middle = keys[len(keys) // 2]
        return sum(_remove_free(rows.filter(**{name: middle})) for name in ("pk__lt", "pk__gte"))


def _purge_rings(
    old: OldRows, ring_models: list[type[Model]], batch_size: int
) -> Iterator[tuple[str, int]]:
    """Delete rows that reference each other in a cycle."""
    for owner in ring_models:
        for bounds in _list_bounds(old[owner], batch_size):
            yield from _purge_rings_of(old[owner].filter(**bounds), old)


def _list_bounds(rows: "QuerySet[Any]", batch_size: int) -> Iterator[dict[str, Any]]:
    """Yield the key range of each batch, found after the previous batch is done.

    A range needs two parameters where a list of keys needs a thousand. Each range begins where
    the last one ended, so rows that are kept are scanned only once.
    """
    if not rows.exists():
        return
    keys = rows.order_by("pk").values_list("pk", flat=True)
    after: dict[str, Any] = {}
    while last := list(keys.filter(**after)[batch_size - 1 : batch_size]):
        yield {**after, "pk__lte": last[0]}
        after = {"pk__gt": last[0]}
    yield after


def _purge_rings_of(seeds: "QuerySet[Any]", old: OldRows) -> Iterator[tuple[str, int]]:
    """Delete the rows that are part of a cycle, along with the rest of their cycles."""
    using = seeds.db
    counts: dict[str, int] = {}
    # A row that needs one of them may have been created in the meantime.
    with suppress(IntegrityError), transaction.atomic(using=using):
        keys = set(seeds.values_list("pk", flat=True))
        rings = find_rings({seeds.model: keys}, old.get, using)
        batches = [
            old[model].filter(pk__in=chunk)
            for model, found in rings.items()
            for chunk in chunk_keys(found)
        ]
        locked = [list(rows.select_for_update().values_list("pk")) for rows in batches]
        if sum(map(len, locked)) == sum(map(len, rings.values())):
            _release_keys(rings, using)
            # Keys are checked at the end of the transaction. Django collects what references a
            # row, so rows that need no collecting go first.
            _remove(sorted(batches, key=lambda rows: not _is_bare(rows.model)))
            counts = {model._meta.label: len(found) for model, found in rings.items()}
    yield from counts.items()


def _release_keys(rings: Rows, using: str) -> None:
    """Set keys to null with which the rows protect each other from Django's own deletion."""
    for model, keys in rings.items():
        for relation in () if _is_bare(model) else find_relations(model):
            if keeps_parent(relation) and relation.field.null and relation.rule in GUARDING_RULES:
                children: QuerySet[Any] = QuerySet(relation.child, using=using)
                for chunk in chunk_keys(keys):
                    children.filter(**{f"{relation.field.name}__pk__in": chunk}).update(
                        **{relation.field.name: None}
                    )


def _remove(batches: "list[QuerySet[Any]]") -> int:
    """Delete rows, and their files when the transaction is committed, and return the count."""
    files = [found for rows in batches for found in _list_files(rows, rows.db)]
    count = 0
    for rows in batches:
        with removing_rows(rows.model, rows.db):
            if _is_bare(rows.model):
                # No cascades or signals to handle, and Django's own deletion would load every row.
                count += rows._raw_delete(rows.db)
            else:
                count += QuerySet.delete(rows)[1].get(rows.model._meta.label, 0)
    if files:
        using = batches[0].db
        transaction.on_commit(partial(_remove_files, files, using), using=using)
    return count


def _old_rows(owner: type[Model], before: datetime, using: str) -> "QuerySet[Any]":
    rows: QuerySet[Any] = QuerySet(owner, using=using).filter(deleted_at__lt=before)
    hold = getattr(owner, "purge_hold", None)
    return rows if hold is None else rows.exclude(hold)


def _choose_free(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the rows that no other row needs."""
    owner, using = rows.model, rows.db
    for relation in find_relations(owner):
        if keeps_parent(relation) and is_stored_in(using, relation.child):
            # Under inheritance the tables share their primary key.
            key = relation.parent_key if relation.parent is owner else "pk"
            children: QuerySet[Any] = QuerySet(relation.child, using=using)
            rows = rows.filter(~Exists(children.filter(**{relation.field.attname: OuterRef(key)})))
    return rows


def _is_bare(model: type[Model]) -> bool:
    """Return whether Django's own deletion would only run a single DELETE."""
    if len(find_relatives(model)) > 1:
        return False
    if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
        return False
    # No rows reference these through relations that keep their parent.
    return all(keeps_parent(relation) for relation in find_relations(model))


def _list_files(rows: "QuerySet[Any]", using: str) -> list[tuple[FileField, list[str]]]:
    found = []
    owner: type[Model] = rows.model
    for model in find_relatives(owner):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                among: QuerySet[Any] = QuerySet(model, using=using).filter(
                    pk__in=rows.order_by().values("pk")
                )
                names = among.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                found.append((field, [name for name in names if name]))
    return found


def _remove_files(files: list[tuple[FileField, list[str]]], using: str) -> None:
    for field, names in files:
        rows: QuerySet[Any] = QuerySet(field.model, using=using)
        shared = set(rows.filter(**{f"{field.name}__in": names}).values_list(field.name, flat=True))
        for name in names:
            if name not in shared:
                field.storage.delete(name)


def _order_owners() -> list[type[Model]]:
    """Return the models that have marks, children before their parents."""
    ordered: dict[type[Model], None] = {}

    def visit(owner: type[Model], above: frozenset[type[Model]]) -> None:
        for relation in find_relations(owner):
            if isinstance(relation, KeyRelation) and is_soft_deletable(relation.child):
                child = find_owner(relation.child)
                if child not in above and child not in ordered:
                    visit(child, above | {child})
        ordered.setdefault(owner)

    for model in apps.get_models():
        if is_soft_deletable(model) and not model._meta.proxy:
            owner = find_owner(model)
            if owner not in ordered:
                visit(owner, frozenset({owner}))
    return list(ordered)
