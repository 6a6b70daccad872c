"""Brings back exactly what a deletion took, or says what is in the way."""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from ..exceptions import RestoreConflict
from .conflicts import describe_conflicts, find_blocking_deletions
from .deletion import taken_rows
from .graph import find_family
from .journal import put_back_keys
from .relations import find_owner, find_relatives, is_stored_in
from .signals import Announcement, post_restore, pre_restore

__all__ = ["UNMARKED", "restore_deletions"]

UNMARKED: Final[dict[str, Any]] = {
    "deleted_at": None,
    "deleted_by": None,
    "deletion_reason": "",
    "deletion_id": None,
}
"""What the marks of a living row are."""


def restore_deletions(
    model: type[Model],
    deletion_ids: Iterable[UUID],
    *,
    using: str,
    with_parents: bool = False,
) -> tuple[int, dict[str, int]]:
    """Bring back every row that some deletions took, and put back the keys that they replaced.

    Args:
        model: A model that the deletions took rows of.
        deletion_ids: Ids of the deletions.
        using: Alias of the database.
        with_parents: Whether to restore also the deletions that took the rows' parents.

    Returns:
        How many rows came back, and how many of each model.

    Raises:
        RestoreConflict: A row that came to life meanwhile holds what a restored one needs, or
            the parent of a restored row is still deleted or gone. All that is in the way is
            listed, and nothing is restored.

    Costs one UPDATE for each model that can be part of the deletion, one query for all of their
    parents and one for the journal.
    """
    ids = set(deletion_ids)
    family = _list_family({model}, using)
    try:
        with transaction.atomic(using=using):
            blocking = find_blocking_deletions(family, ids, using)
            while with_parents and blocking:
                ids |= set(blocking)
                family = _list_family({*family, *blocking.values()}, using)
                blocking = find_blocking_deletions(family, ids, using)
            if blocking:
                raise RestoreConflict(describe_conflicts(family, ids, using))
            return _unmark_rows(family, ids, using)
    except IntegrityError as error:
        conflicts = describe_conflicts(family, ids, using)
        raise RestoreConflict(conflicts or [str(error)]) from error


def _unmark_rows(
    family: list[type[Model]], ids: Collection[UUID], using: str
) -> tuple[int, dict[str, int]]:
    announcement = Announcement(pre_restore, post_restore, using=using)
    counts: dict[str, int] = {}
    for member in family:
        rows: QuerySet[Any] = QuerySet(member, using=using).filter(deletion_id__in=ids)
        inherited = {
            relative._meta.label: taken_rows(relative, member, ids, using).count()
            for relative in find_relatives(member)[1:]
        }
        announcement.announce(rows)
        # Plain, so that no stamp changes: the row is what it was before.
        counts |= {member._meta.label: rows.update(**UNMARKED), **inherited}
    put_back_keys(ids, using=using, registry=family[0]._meta.apps)
    announcement.conclude(UNMARKED)
    return sum(counts.values()), {label: count for label, count in counts.items() if count}


def _list_family(models: set[type[Model]], using: str) -> list[type[Model]]:
    members = {member for model in models for member in find_family(find_owner(model))}
    return sorted(
        (member for member in members if is_stored_in(using, member)),
        key=lambda member: member._meta.label,
    )
