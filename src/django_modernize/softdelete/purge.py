"""Removes rows for good that were deleted long enough ago, children before their parents."""

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
"""The rows of each model that were deleted long enough ago and are not on hold."""

GUARDING_RULES: Final = (Rule.PROTECT, Rule.RESTRICT)
"""The rules by which Django refuses to delete a row."""


def purge_rows(
    *,
    before: datetime,
    models: Collection[type[Model]] | None = None,
    using: str,
    batch_size: int = BATCH_SIZE,
    dry_run: bool = False,
) -> Iterator[tuple[str, int]]:
    """Remove the rows that were deleted before a moment, and yield how many after each batch.

    A row stays while it is on hold (:attr:`SoftDeleteMixin.purge_hold`) or while a row that stays
    needs it. Children that are not soft-deletable go with their parent, and files when the batch
    is committed. Each batch is a transaction of its own, so that the work can be stopped at any
    time, and goes on with the next call. Rows that point to one another in a circle, of one model
    or of several, go together, each circle in one transaction.

    Args:
        before: The moment.
        models: Only rows of these models; of all soft-deletable ones by default.
        using: Alias of the database.
        batch_size: How many rows go in one transaction.
        dry_run: Whether only to count the rows that are old enough and not on hold.

    Returns:
        Labels of models, each with the number of rows of a batch.

    Costs two queries for a batch where Django's rules have nothing to do, and what Django's own
    deletion costs elsewhere; see :func:`find_rings` for circles.
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
            # Once more for what was freed within a circle of models. Elsewhere there are no
            # parents left to free, since their children went first.
            remaining = bool(ring_models)
            yield label, count
    forget_lost_keys(using=using)


def _purge_free(old: OldRows, batch_size: int) -> Iterator[tuple[str, int]]:
    """Remove rows that no other row needs."""
    for owner, rows in old.items():
        free = _choose_free(rows)
        for bounds in _list_bounds(rows, batch_size):
            if count := _remove_free(free.filter(**bounds)):
                yield owner._meta.label, count


def _remove_free(rows: "QuerySet[Any]") -> int:
    """Remove rows in a transaction, but for those that Django refuses to delete."""
    try:
        with transaction.atomic(using=rows.db):
            return _remove([rows])
    except IntegrityError:
        # Somebody protects a child that would go along: that keeps its own parent, and no other.
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if len(keys) < 2:
            return 0
        middle = keys[len(keys) // 2]
        return sum(_remove_free(rows.filter(**{name: middle})) for name in ("pk__lt", "pk__gte"))


def _purge_rings(
    old: OldRows, ring_models: list[type[Model]], batch_size: int
) -> Iterator[tuple[str, int]]:
    """Remove rows that need one another in a circle."""
    for owner in ring_models:
        for bounds in _list_bounds(old[owner], batch_size):
            yield from _purge_rings_of(old[owner].filter(**bounds), old)


def _list_bounds(rows: "QuerySet[Any]", batch_size: int) -> Iterator[dict[str, Any]]:
    """Yield the limits of each batch of keys, found when the one before is done.

    A range says in two parameters what a list of keys says in a thousand, and each begins where
    the last one ended: what stays is passed once.
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
    """Remove those of some rows that need one another, with the rest of their circles."""
    using = seeds.db
    counts: dict[str, int] = {}
    # Somebody may have made a row meanwhile that needs one of them.
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
            # Keys are checked at the end of the transaction. Django asks what points to a row,
            # so what it need not be asked about goes first.
            _remove(sorted(batches, key=lambda rows: not _is_bare(rows.model)))
            counts = {model._meta.label: len(found) for model, found in rings.items()}
    yield from counts.items()


def _release_keys(rings: Rows, using: str) -> None:
    """Empty the keys by which rows that go protect each other from Django's own deletion."""
    for model, keys in rings.items():
        for relation in () if _is_bare(model) else find_relations(model):
            if keeps_parent(relation) and relation.field.null and relation.rule in GUARDING_RULES:
                children: QuerySet[Any] = QuerySet(relation.child, using=using)
                for chunk in chunk_keys(keys):
                    children.filter(**{f"{relation.field.name}__pk__in": chunk}).update(
                        **{relation.field.name: None}
                    )


def _remove(batches: "list[QuerySet[Any]]") -> int:
    """Remove rows, and their files when the transaction is committed; return how many."""
    files = [found for rows in batches for found in _list_files(rows, rows.db)]
    count = 0
    for rows in batches:
        with removing_rows(rows.model, rows.db):
            if _is_bare(rows.model):
                # Nothing that Django would look for: its own deletion would load every row.
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
    """Return those of some rows that no other row needs."""
    owner, using = rows.model, rows.db
    for relation in find_relations(owner):
        if keeps_parent(relation) and is_stored_in(using, relation.child):
            # By inheritance the tables share their key.
            key = relation.parent_key if relation.parent is owner else "pk"
            children: QuerySet[Any] = QuerySet(relation.child, using=using)
            rows = rows.filter(~Exists(children.filter(**{relation.field.attname: OuterRef(key)})))
    return rows


def _is_bare(model: type[Model]) -> bool:
    """Return whether Django's own deletion would do no more than one DELETE."""
    if len(find_relatives(model)) > 1:
        return False
    if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
        return False
    # What is left are relations by which nothing points to the rows any more.
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
    """Return the models that have marks, children before those that they point to."""
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
