"""What a deletion would take, and what one took, for whoever has to decide."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError

from .deletion import Deletion
from .graph import find_family
from .relations import find_owner, is_stored_in

__all__ = ["DeletionPreview", "count_taken", "preview_deletion"]

NAMED_ROWS: Final = 50
"""How many rows of each model a preview names."""


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

    No signal is sent. Costs what the deletion costs, and one query for each model.
    """
    preview = DeletionPreview()
    with transaction.atomic(using=rows.db):
        deletion = Deletion(using=rows.db, is_silent=True)
        try:
            deletion.mark_rows(rows)
        except (ProtectedError, RestrictedError) as error:
            preview.obstacles = sorted(error.args[1], key=str)
        else:
            for model, count in deletion.counts.items():
                if count:
                    taken: QuerySet[Any] = QuerySet(model, using=rows.db)
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
