"""Creates, changes and duplicates tasks, and unlocks fields for automation."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from api.models import Booking, Property, Task, User
from api.models.task_writes import LOCKABLE_FIELDS
from api.services.acting import acting_as, find_seen_task, lock_task
from api.services.checklist import attach_checklists, copy_checklist
from api.services.locking import lock_rules_of_bookings
from api.services.permission import get_access, list_visible
from django_modernize.autotasks import hand_edits

from .assigning import require_assignee

__all__ = ["EDITABLE_FIELDS", "attach_fields", "change_task", "create_task", "duplicate_task"]

EDITABLE_FIELDS: Final = (
    "title",
    "description",
    "task_type",
    "property",
    "booking",
    "due_date",
    "assigned_to",
)
"""What a form or the API may set; for the status there is ``set_status()``."""


def create_task(*, actor: User, **values: Any) -> Task:
    """Create a task, with the checklist of its type.

    Args:
        actor: Who does it, with ``api.add_task``.
        **values: Of ``EDITABLE_FIELDS``; the house follows from the booking if that is given.

    Raises:
        PermissionDenied: The actor may not make tasks, not assign them, or does not see the house
            or the booking.
        ValidationError: A value is wrong.
    """
    if not get_access(actor).may("api.add_task"):
        raise PermissionDenied(_("You may not make tasks."))
    _check_names(values)
    with acting_as(actor):
        booking: Booking | None = values.get("booking")
        if booking is not None:
            values.setdefault("property", booking.property)
        task = Task(**values)
        _require_place(actor, values)
        if task.assigned_to_id not in (None, actor.pk):
            _require_assigning(actor)
        require_assignee(task.assigned_to)
        task.full_clean()
        task.save()
        attach_checklists([task.pk])
    return task


def change_task(*, actor: User, task: Task, **values: Any) -> Task:
    """Change a task; the changed fields are locked for automation.

    Args:
        actor: Who does it, with ``api.change_task`` for the task.
        task: The task.
        **values: Of ``EDITABLE_FIELDS``.

    Raises:
        PermissionDenied: The actor may not change the task, not assign it to others, not take it
            from somebody, or does not see the house or the booking that it is to be in.
        ValidationError: A value is wrong.
    """
    _check_names(values)
    with acting_as(actor):
        found = lock_task(actor, task)
        was_free = found.assigned_to_id is None
        for name, value in values.items():
            setattr(found, name, value)
        _require_place(actor, values)
        is_taken = was_free and found.assigned_to_id == actor.pk
        if found.get_field_diff("assigned_to"):
            if not is_taken:
                _require_assigning(actor)
            require_assignee(found.assigned_to)
        found.full_clean()
        found.save()
    return found


def duplicate_task(*, actor: User, task: Task) -> Task:
    """Duplicate a task, to be done once more.

    Args:
        actor: Who does it, with ``api.add_task``.
        task: A task that the actor sees.

    Returns:
        A pending task with the same text, house, booking, date, assignee and checklist, without
        answers, photos, dependencies, or what made the other. A colleague who has the other gets
        the copy only of somebody who may assign tasks; else it is nobody's.

    Raises:
        PermissionDenied: The actor may not make tasks, or does not see this one.
    """
    if not get_access(actor).may("api.add_task"):
        raise PermissionDenied(_("You may not make tasks."))
    with acting_as(actor):
        found = find_seen_task(actor, task)
        copy = Task(**{name: getattr(found, name) for name in EDITABLE_FIELDS})
        if copy.assigned_to_id != actor.pk and not get_access(actor).may("api.assign_task"):
            copy.assigned_to = None
        copy.save()
        copy_checklist(found.pk, copy.pk)
    return copy


def attach_fields(
    *, actor: User, task: Task, names: Collection[str] = tuple(LOCKABLE_FIELDS)
) -> Task:
    """Unlock fields that a person has set, so that the rule of the task sets them again.

    Args:
        actor: Who does it, with ``api.change_task`` for the task.
        task: The task.
        names: The fields; all by default. One that is not locked is no error.

    Raises:
        PermissionDenied: The actor may not change the task.
        ValidationError: There is no such field to lock.
    """
    if unknown := set(names) - LOCKABLE_FIELDS:
        raise ValidationError({"names": _("Not to be locked: %s.") % ", ".join(sorted(unknown))})
    with acting_as(actor):
        lock_rules_of_bookings()
        found = lock_task(actor, task)
        hand_edits.attach_fields(found, names)
    return found


def _check_names(values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - set(EDITABLE_FIELDS):
        raise TypeError(f"Not to be set this way: {', '.join(sorted(unknown))}.")


def _require_place(actor: User, values: Mapping[str, Any]) -> None:
    """Refuse a house or a booking that the actor cannot see."""
    for model, name in ((Property, "property"), (Booking, "booking")):
        row = values.get(name)
        seen = list_visible(get_access(actor), model)
        if row is not None and not seen.filter(pk=row.pk).exists():
            raise PermissionDenied(_("You may not put tasks there."))


def _require_assigning(actor: User) -> None:
    if not get_access(actor).may("api.assign_task"):
        raise PermissionDenied(_("You may not assign tasks to others."))
