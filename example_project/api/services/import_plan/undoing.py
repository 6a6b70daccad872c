"""Undoes a whole import, including updates, except for what people have built on it since."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import Booking, BookingImportLog, Property, Task, User
from api.models.refusals import StateRefused
from api.services.changes import making_changes
from api.services.locking import lock_rules_of_bookings, lock_work
from django_modernize.context import change_context
from django_modernize.softdelete import delete_together

from .footprint import cut
from .guards import UNDO, require_permission
from .undo_plan import RestoredRow, UndoPlan, work_out_undo

__all__ = ["UndoPlan", "preview_undo", "undo_import"]

ROWS_PER_STATEMENT: Final = 500


def preview_undo(log: BookingImportLog, *, actor: User) -> UndoPlan:
    """Return what undoing an import would delete, restore and leave.

    Raises:
        PermissionDenied: The actor may not undo imports.
        StateRefused: It is undone already.
    """
    require_permission(actor, UNDO)
    _require_not_undone(log)
    return work_out_undo(log)


def undo_import(log: BookingImportLog, *, actor: User) -> UndoPlan:
    """Undo an import: delete what it created, and restore what it changed.

    Rows that people have changed since stay, with everything they depend on. Deleted rows can be
    restored from the recycle bin; everything is audited like any other change.

    Returns:
        What was done, and what was left.

    Raises:
        PermissionDenied: The actor may not undo imports.
        StateRefused: It is undone already.

    Costs some fifty statements, and some thirty more for each further 5,000 rows.
    """
    require_permission(actor, UNDO)
    reason = _("Undo of the import “%(name)s” (%(key)d)") % {"name": log.file_name, "key": log.pk}
    with change_context(actor=actor, reason=reason), making_changes():
        lock_rules_of_bookings()
        log = BookingImportLog.objects.select_for_update(of=("self",)).get(pk=log.pk)
        _require_not_undone(log)
        plan = work_out_undo(log)
        _lock_rows(plan)
        _remove_rows(plan)
        _restore_rows(plan.restored)
        log.undone_at, log.undone_by = timezone.now(), actor
        log.save(update_fields=["undone_at", "undone_by"])
    return plan


def _require_not_undone(log: BookingImportLog) -> None:
    if log.undone_at is not None:
        raise StateRefused(
            _("The import “%(name)s” is undone already."), "undone", {"name": log.file_name}
        )


def _lock_rows(plan: UndoPlan) -> None:
    """Lock the houses, bookings and tasks, in the usual order."""
    for model in (Property, Booking):
        keys = {*plan.removed.get(model, ()), *(o.key for o in plan.restored if o.model is model)}
        for part in cut(sorted(keys)):
            rows = model._default_manager.filter(pk__in=part).order_by("pk")
            list(rows.select_for_update().values_list("pk"))
    lock_work([*plan.removed.get(Task, ()), *(o.key for o in plan.restored if o.model is Task)])


def _remove_rows(plan: UndoPlan) -> None:
    """Delete what the import created as one deletion, so that a restore brings links back too."""
    delete_together(
        *(
            model._default_manager.filter(pk__in=part)
            for model, keys in plan.removed.items()
            for part in cut(sorted(keys))
        )
    )


def _restore_rows(restored: list[RestoredRow]) -> None:
    """Restore fields, together where several rows get the same values."""
    groups: dict[tuple[type[Model], str], list[RestoredRow]] = defaultdict(list)
    for one in restored:
        groups[one.model, repr(sorted(one.values.items()))].append(one)
    singles: dict[tuple[type[Model], tuple[str, ...]], list[RestoredRow]] = defaultdict(list)
    for (model, _values), rows in groups.items():
        if len(rows) == 1:
            singles[model, tuple(sorted(rows[0].values))] += rows
        else:
            for part in cut([one.key for one in rows]):
                model._default_manager.filter(pk__in=part).update(**rows[0].values)
    for (model, names), rows in singles.items():
        _restore_singly(model, names, {one.key: one.values for one in rows})


def _restore_singly(
    model: type[Model], names: Sequence[str], values: Mapping[int, Mapping[str, Any]]
) -> None:
    fields: list[Any] = [name.removesuffix("_id") for name in names]
    keys = sorted(values)
    for start in range(0, len(keys), ROWS_PER_STATEMENT):
        part = keys[start : start + ROWS_PER_STATEMENT]
        rows = list(model._default_manager.filter(pk__in=part))
        for row in rows:
            for name, value in values[row.pk].items():
                setattr(row, name, value)
        model._default_manager.bulk_update(rows, fields)
