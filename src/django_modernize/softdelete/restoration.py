"""Brings back exactly what a deletion took, or says what is in the way."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model, QuerySet

from ..exceptions import RestoreConflict
from .relations import Relation, find_cascade_family, is_soft_deletable

__all__ = ["UNMARKED", "restore_deletions"]

UNMARKED: Final[dict[str, Any]] = {
    "deleted_at": None,
    "deleted_by": None,
    "deletion_reason": "",
    "deletion_id": None,
}
"""What the marks of a living row are."""

NAMED_CONFLICTS: Final = 100
"""How many rows are looked at for the conflicts that an error names."""


def restore_deletions(
    model: type[Model], deletion_ids: list[UUID], *, using: str
) -> tuple[int, dict[str, int]]:
    """Bring back every row that some deletions took.

    Args:
        model: A model that the deletions took rows of.
        deletion_ids: Ids of the deletions.
        using: Alias of the database.

    Returns:
        How many rows came back, and how many of each model.

    Raises:
        RestoreConflict: A row that came to life meanwhile holds what a restored one needs, or
            the parent of a restored row is still deleted. Nothing is restored.

    Costs one UPDATE for each model that can be part of the deletion, and one query for each of
    its foreign keys that cascades.
    """
    family = find_cascade_family(model)
    counts: dict[str, int] = {}
    try:
        with transaction.atomic(using=using):
            conflicts: list[str] = []
            for member in family:
                rows = _deleted_rows(member, deletion_ids, using)
                conflicts += _find_deleted_parents(member, rows, deletion_ids)
                # Plain, so that no stamp changes: the row is what it was before.
                counts[member._meta.label] = 0 if conflicts else rows.update(**UNMARKED)
            if conflicts:
                raise RestoreConflict(conflicts)
    except IntegrityError as error:
        conflicts = list(_find_constraint_conflicts(family, deletion_ids, using))
        raise RestoreConflict(conflicts or [str(error)]) from error
    return sum(counts.values()), {label: count for label, count in counts.items() if count}


def _deleted_rows(model: type[Model], deletion_ids: list[UUID], using: str) -> "QuerySet[Any]":
    return QuerySet(model, using=using).filter(deletion_id__in=deletion_ids)


def _find_deleted_parents(
    model: type[Model], rows: "QuerySet[Any]", deletion_ids: list[UUID]
) -> list[str]:
    """Return a sentence for each row whose parent was taken by another deletion."""
    conflicts = []
    for field in model._meta.get_fields():
        if not isinstance(field, ForeignKey) or not _goes_with_parent(field):
            continue
        orphans = rows.filter(**{f"{field.name}__deleted_at__isnull": False}).exclude(
            **{f"{field.name}__deletion_id__in": deletion_ids}
        )
        conflicts += [
            f"{orphan} ({model._meta.verbose_name}) belongs to the deleted "
            f"{field.verbose_name} {getattr(orphan, field.name)}: restore that first."
            for orphan in orphans.select_related(field.name)[:NAMED_CONFLICTS]
        ]
    return conflicts


def _goes_with_parent(field: "ForeignKey[Any, Any]") -> bool:
    relation = Relation(field)
    return relation.is_cascade and is_soft_deletable(relation.parent)


def _find_constraint_conflicts(
    family: list[type[Model]], deletion_ids: list[UUID], using: str
) -> Iterator[str]:
    """Ask the constraints of each row, as if it lived, what is in its way."""
    for model in family:
        for row in _deleted_rows(model, deletion_ids, using)[:NAMED_CONFLICTS]:
            for name, value in UNMARKED.items():
                setattr(row, name, value)
            try:
                row.validate_constraints()
            except ValidationError as error:
                yield from (
                    f"{row} ({model._meta.verbose_name}): {text}" for text in error.messages
                )
