"""Previews of what a deletion would hide, and summaries of what one hid."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import (
    Model,
    ProtectedError,
    QuerySet,
    RestrictedError,
    prefetch_related_objects,
)

from .deletion import Deletion
from .graph import find_family
from .relations import find_owner, is_stored_in

__all__ = ["DeletionPreview", "count_taken", "load_names", "preview_deletion"]

NAMED_ROWS: Final = 50
"""How many rows of each model a preview lists."""

NAME_STEPS: Final = 2
"""How many relations a row's name may follow, as from a photo to its task to its house."""


@dataclass(kw_only=True, slots=True)
class DeletionPreview:
    """The effects of a deletion."""

    counts: dict[type[Model], int] = field(default_factory=dict)
    """The number of rows of each model that would be hidden."""

    named: dict[type[Model], list[Model]] = field(default_factory=dict)
    """The first of these rows."""

    obstacles: list[Model] = field(default_factory=list)
    """The rows that protect or restrict one of them. If there are any, nothing would be hidden."""


def preview_deletion(rows: "QuerySet[Any]") -> DeletionPreview:
    """Return what a deletion of the rows would do, by performing it and rolling it back.

    Sends no signals. Costs the same as the deletion, and one query per model. If rows block it,
    one more query for each foreign key that their names may use.
    """
    preview = DeletionPreview()
    with transaction.atomic(using=rows.db):
        deletion = Deletion(using=rows.db, is_silent=True)
        try:
            deletion.mark_rows(rows)
        except (ProtectedError, RestrictedError) as error:
            preview.obstacles = _sort_obstacles(error.args[1])
        else:
            for model, count in deletion.counts.items():
                if count:
                    taken: QuerySet[Any] = load_names(QuerySet(model, using=rows.db))
                    preview.counts[model] = count
                    preview.named[model] = list(
                        taken.filter(deletion_id=deletion.id).order_by("pk")[:NAMED_ROWS]
                    )
        transaction.set_rollback(True, using=rows.db)
    return preview


def count_taken(row: Any, deletion_id: UUID) -> dict[type[Model], int]:
    """Return the number of rows of each model that a deletion hid. Costs one query per model."""
    using = row._state.db
    counts: dict[type[Model], int] = {}
    for member in find_family(find_owner(type(row))):
        if is_stored_in(using, member):
            taken: QuerySet[Any] = QuerySet(member, using=using)
            counts[member] = taken.filter(deletion_id=deletion_id).count()
    return {model: count for model, count in counts.items() if count}


def load_names(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return rows with the related rows that their names may use, through non-null keys.

    Costs no query. Without it, ``__str__()`` of each row may query related rows.
    """
    keys = _list_named_keys(rows.model)
    return rows.select_related(*keys) if keys else rows


def _list_named_keys(model: type[Model], steps: int = NAME_STEPS) -> list[str]:
    found = []
    for key in model._meta.fields:
        target = key.related_model
        is_parent = getattr(key.remote_field, "parent_link", False)
        if not isinstance(target, type) or key.null or is_parent:
            continue
        found.append(key.name)
        if steps > 1:
            found += [f"{key.name}__{inner}" for inner in _list_named_keys(target, steps - 1)]
    return found


def _sort_obstacles(rows: Iterable[Model]) -> list[Model]:
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    for model, same in by_model.items():
        prefetch_related_objects(same, *_list_named_keys(model))
    return sorted((row for same in by_model.values() for row in same), key=str)
