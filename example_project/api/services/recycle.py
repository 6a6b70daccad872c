"""The recycle bin: what was deleted, what a restore would bring back, and restoring it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Model, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from api.models import (
    AutoTaskTemplate,
    Booking,
    ChecklistTemplate,
    Document,
    InventoryItem,
    LostFoundItem,
    Property,
    PropertyInventory,
    ScheduleTemplate,
    Task,
    TaskImage,
    User,
)
from django_modernize.context import change_context
from django_modernize.exceptions import RestoreConflict
from django_modernize.softdelete.previews import (
    DeletionPreview,
    count_taken,
    load_names,
    preview_deletion,
)

from .changes import making_changes
from .locking import lock_before_deletion
from .permission import Access, get_access, list_visible, may_change_object

__all__ = [
    "KINDS",
    "Deleted",
    "RestorePreview",
    "delete_row",
    "list_deleted",
    "preview_delete",
    "preview_restore",
    "restore_row",
]

KINDS: Final[Mapping[str, type[Model]]] = {
    model._meta.model_name or "": model
    for model in (
        *(Property, Booking, Task, TaskImage, LostFoundItem, InventoryItem, PropertyInventory),
        *(ChecklistTemplate, AutoTaskTemplate, ScheduleTemplate, Document),
    )
}
"""What people delete, and find in the bin; what goes along with it is not listed by itself."""

PARENTS: Final[Mapping[type[Model], tuple[str, ...]]] = {
    Booking: ("property",),
    Task: ("property", "booking"),
    TaskImage: ("task",),
    LostFoundItem: ("property",),
    Document: ("property",),
    PropertyInventory: ("property", "item"),
    ScheduleTemplate: ("property",),
}
"""What a row goes along with."""

NAMED_ROWS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Deleted:
    """A deletion in the recycle bin, represented by the row that somebody deleted."""

    kind: str
    row: Any
    at: datetime


@dataclass(kw_only=True, slots=True)
class RestorePreview:
    """What a restore would bring back."""

    counts: dict[type[Model], int] = field(default_factory=dict)
    named: dict[type[Model], list[Model]] = field(default_factory=dict)
    """The first of them."""

    conflicts: list[str] = field(default_factory=list)
    """What is in the way: with any of it nothing comes back."""


def list_deleted(*, actor: User, kind: str = "", limit: int = 100) -> list[Deleted]:
    """Return the newest deletions that a person may undo.

    Args:
        actor: Who looks.
        kind: One of :data:`KINDS`; all of them without.
        limit: How many at most.

    Raises:
        PermissionDenied: The actor may not restore.

    Costs a query for each kind.
    """
    access = get_access(actor)
    _refuse_unless(access.may("api.restore_deleted"), actor)
    found: list[Deleted] = []
    for name in [kind] if kind in KINDS else KINDS:
        rows = _list_roots(access, KINDS[name])[:limit]
        found += [Deleted(kind=name, row=row, at=row.deleted_at) for row in rows]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def preview_restore(*, actor: User, row: Any) -> RestorePreview:
    """Return what restoring a row would bring back, by doing it and rolling it back.

    Raises:
        PermissionDenied: The actor may not restore it.

    Costs what the restore costs, and two queries for each model.
    """
    _refuse_unless_restorable(actor, row)
    preview = RestorePreview(counts=count_taken(row, row.deletion_id))
    for model in preview.counts:
        taken = load_names(model._base_manager.filter(deletion_id=row.deletion_id))
        preview.named[model] = list(taken.order_by("pk")[:NAMED_ROWS])
    with transaction.atomic():
        try:
            type(row).all_objects.get(pk=row.pk).restore()
        except RestoreConflict as error:
            preview.conflicts = error.conflicts
        transaction.set_rollback(True)
    return preview


def restore_row(*, actor: User, row: Any) -> int:
    """Restore a row, with everything that was deleted along with it.

    Returns:
        How many rows came back.

    Raises:
        PermissionDenied: The actor may not restore it.
        RestoreConflict: Something is in the way; nothing comes back.

    Costs what a restore costs.
    """
    _refuse_unless_restorable(actor, row)
    with making_changes():
        lock_before_deletion(type(row), [row.pk])
        count, _each = row.restore()
    return int(count)


def preview_delete(*, actor: User, row: Any) -> DeletionPreview:
    """Return what deleting a row would include.

    Raises:
        PermissionDenied: The actor may not delete it.
    """
    _refuse_unless_deletable(actor, row)
    return preview_deletion(type(row).objects.filter(pk=row.pk))


def delete_row(*, actor: User, row: Any, reason: str = "") -> int:
    """Move a row to the recycle bin, with everything that depends on it.

    Args:
        actor: Who does it.
        row: The row.
        reason: Why; it stands in the bin and in the history.

    Returns:
        How many rows went.

    Raises:
        PermissionDenied: The actor may not delete it.
        ValidationError: Something living protects it (``protected``).
    """
    _refuse_unless_deletable(actor, row)
    try:
        with making_changes(), change_context(**({"reason": reason} if reason else {})):
            lock_before_deletion(type(row), [row.pk])
            count, _each = row.delete()
    except (ProtectedError, RestrictedError) as error:
        names = ", ".join(str(one) for one in list(error.args[1])[:NAMED_ROWS])
        message = _("It is still needed by: %(names)s.")
        raise ValidationError(message, code="protected", params={"names": names}) from error
    return int(count)


def _list_roots(access: Access, model: type[Any]) -> Any:
    """Return deleted rows that were not deleted along with another one."""
    rows = list_visible(access, model, manager="deleted_objects")
    for parent in PARENTS.get(model, ()):
        rows = rows.exclude(**{f"{parent}__deletion_id": F("deletion_id")})
    relations = [*PARENTS.get(model, ()), "deleted_by"]
    return rows.select_related(*relations).order_by("-deleted_at", "-pk")


def _refuse_unless_restorable(actor: User, row: Any) -> None:
    access = get_access(actor)
    rows = list_visible(access, type(row), manager="deleted_objects")
    _refuse_unless(access.may("api.restore_deleted") and rows.filter(pk=row.pk).exists(), actor)


def _refuse_unless_deletable(actor: User, row: Any) -> None:
    permission = f"api.delete_{row._meta.model_name}"
    _refuse_unless(may_change_object(get_access(actor), permission, row), actor)


def _refuse_unless(allowed: bool, actor: User) -> None:
    if not allowed:
        raise PermissionDenied(f"{actor} may not delete or restore this.")
