"""What a deletion would take, and what one took, for whoever has to decide."""

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
"""How many rows of each model a preview names."""

NAME_STEPS: Final = 2
"""How far a row's name speaks of others: a photo of its task, and that of its house."""


@dataclass(kw_only=True, slots=True)
class DeletionPreview:
    """What a deletion would do."""

    counts: dict[type[Model], int] = field(default_factory=dict)
    """How many rows of each model would be hidden."""

    named: dict[type[Model], list[Model]] = field(default_factory=dict)
    """The first of them."""

    obstacles: list[Model] = field(default_factory=list)
    """The rows that protect or restrict one of them: then nothing would be hidden."""


def preview_deletion(rows: "QuerySet[Any]") -> DeletionPreview:
    """Return what the deletion of some rows would do, by doing it and taking it back.

    No signal is sent. Costs what the deletion costs, and one query for each model; where rows are
    in the way, one for each key that their names may speak of.
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
    """Return how many rows of each model a deletion hid. Costs one query for each model."""
    using = row._state.db
    counts: dict[type[Model], int] = {}
    for member in find_family(find_owner(type(row))):
        if is_stored_in(using, member):
            taken: QuerySet[Any] = QuerySet(member, using=using)
            counts[member] = taken.filter(deletion_id=deletion_id).count()
    return {model: count for model, count in counts.items() if count}


def load_names(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return rows with those that their names may speak of: by keys that are never empty.

    Costs nothing; without it each row's ``__str__()`` may ask for what it says.
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
