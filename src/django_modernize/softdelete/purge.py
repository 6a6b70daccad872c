"""Removes rows for good that were deleted long enough ago, children before their parents."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeGuard

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Exists, FileField, Model, OuterRef, QuerySet
from django.db.models.signals import post_delete, pre_delete

from .guards.passage import removing_rows
from .journal import forget_lost_keys
from .relations import (
    KeyRelation,
    Relation,
    find_owner,
    find_relations,
    find_relatives,
    is_soft_deletable,
    is_stored_in,
)
from .rules import Rule

__all__ = ["BATCH_SIZE", "purge_rows"]

BATCH_SIZE: Final = 1000


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
    time, and goes on with the next call.

    Args:
        before: The moment.
        models: Only rows of these models; of all soft-deletable ones by default.
        using: Alias of the database.
        batch_size: How many rows go in one transaction.
        dry_run: Whether only to count the rows that are old enough and not on hold.

    Returns:
        Labels of models, each with the number of rows of a batch.

    Costs three queries for a batch where Django's rules have nothing to do, and what Django's own
    deletion costs elsewhere.
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
    remaining = True
    while remaining:
        # A second round finds parents within a model, or within a cycle of models.
        remaining = False
        for owner in owners:
            while count := _purge_batch(_free_rows(owner, before, using), batch_size):
                remaining = True
                yield owner._meta.label, count
    yield from _purge_cycles(owners, before, using)
    forget_lost_keys(using=using)


def _purge_batch(rows: "QuerySet[Any]", batch_size: int) -> int:
    model, using = rows.model, rows.db
    with transaction.atomic(using=using):
        # SQLite takes at most 999 parameters in some builds, so it is asked by a range of keys.
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:batch_size])
        if keys:
            batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])
            _remove(batch, model, using)
    return len(keys)


def _purge_cycles(
    owners: list[type[Model]], before: datetime, using: str
) -> Iterator[tuple[str, int]]:
    """Remove rows that need one another, all at once, unless something outside needs them."""
    for owner in owners:
        rows = _old_rows(owner, before, using)
        if _is_closed(rows, owner, before, using):
            with suppress(IntegrityError), transaction.atomic(using=using):
                count = rows.count()
                _remove(rows, owner, using)
                yield owner._meta.label, count


def _is_closed(rows: "QuerySet[Any]", owner: type[Model], before: datetime, using: str) -> bool:
    """Tell whether rows point to one another, and no other row to any of them."""
    if not rows.exists():
        return False
    others: QuerySet[Any] = QuerySet(owner, using=using).exclude(pk__in=rows.values("pk"))
    own_keys = [
        relation
        for relation in find_relations(owner)
        if isinstance(relation, KeyRelation) and relation.child is owner
    ]
    from_outside = (
        others.filter(pk__in=relation.find_children(rows).values("pk")) for relation in own_keys
    )
    is_free = rows.count() == _free_rows(owner, before, using, among_themselves=True).count()
    return bool(own_keys) and is_free and not any(found.exists() for found in from_outside)


def _remove(rows: "QuerySet[Any]", model: type[Model], using: str) -> None:
    files = _list_files(rows, using)
    with removing_rows(model, using):
        if _is_bare(model):
            # Nothing that Django would look for: its own deletion would load every row.
            rows._raw_delete(using)
        else:
            QuerySet.delete(rows)
    if files:
        transaction.on_commit(partial(_remove_files, files, using), using=using)


def _old_rows(owner: type[Model], before: datetime, using: str) -> "QuerySet[Any]":
    rows: QuerySet[Any] = QuerySet(owner, using=using).filter(deleted_at__lt=before)
    hold = getattr(owner, "purge_hold", None)
    return rows if hold is None else rows.exclude(hold)


def _free_rows(
    owner: type[Model], before: datetime, using: str, *, among_themselves: bool = False
) -> "QuerySet[Any]":
    """Return the rows that no other row needs, or that only rows of the same model need."""
    rows = _old_rows(owner, before, using)
    for relation in find_relations(owner):
        if not _keeps_parent(relation) or not is_stored_in(using, relation.child):
            continue
        if among_themselves and relation.child is owner:
            continue
        # By inheritance the tables share their key.
        key = relation.parent_key if relation.parent is owner else "pk"
        children: QuerySet[Any] = QuerySet(relation.child, using=using)
        rows = rows.filter(~Exists(children.filter(**{relation.field.attname: OuterRef(key)})))
    return rows


def _keeps_parent(relation: Relation) -> TypeGuard[KeyRelation]:
    """Tell whether a child that is still there keeps its parent from being purged."""
    if not isinstance(relation, KeyRelation) or relation.rule is Rule.REPLACE:
        return False
    return relation.rule is not Rule.CASCADE or is_soft_deletable(relation.child)


def _is_bare(model: type[Model]) -> bool:
    """Tell whether Django's own deletion would do no more than one DELETE."""
    if len(find_relatives(model)) > 1:
        return False
    if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
        return False
    # What is left are relations by which nothing points to the rows any more.
    return all(_keeps_parent(relation) for relation in find_relations(model))


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
