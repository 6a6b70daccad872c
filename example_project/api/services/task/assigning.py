"""Assigning and muting tasks."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from api.models import Task, User
from api.services.acting import acting_as, find_seen_task, lock_task
from api.services.permission import get_access, require_worker

__all__ = ["assign_task", "assign_to_me", "mute_task", "require_assignee", "unmute_task"]


def assign_task(*, actor: User, task: Task, assignee: User | None) -> Task:
    """Assign a task to somebody, or to nobody.

    Args:
        actor: Who does it, with ``api.assign_task`` for the task.
        task: The task.
        assignee: Who is to do it, active and with ``api.change_task``; ``None`` takes it from
            whoever has it.

    Raises:
        PermissionDenied: The actor may not assign the task.
        ValidationError: The assignee is no longer active (the code ``inactive``), or may only look
            at tasks (``no_worker``).
    """
    with acting_as(actor):
        found = lock_task(actor, task, "api.assign_task")
        return _give_task(found, assignee)


def assign_to_me(*, actor: User, task: Task) -> Task:
    """Assign an unassigned task to the actor, or any task if the actor may assign tasks.

    Raises:
        PermissionDenied: It is not among the actor's work, or somebody else has it.
    """
    with acting_as(actor):
        found = lock_task(actor, task)
        is_free = found.assigned_to_id in (None, actor.pk)
        if not is_free and not get_access(actor).may("api.assign_task"):
            raise PermissionDenied(_("Somebody else has this task; a manager can assign it."))
        return _give_task(found, actor)


def mute_task(*, actor: User, task: Task) -> None:
    """Mute a task that the actor can see; muting it twice makes no difference.

    Raises:
        PermissionDenied: The actor does not see the task.
    """
    with acting_as(actor):
        find_seen_task(actor, task).muted_by.add(actor)


def unmute_task(*, actor: User, task: Task) -> None:
    """Unmute a task.

    Raises:
        PermissionDenied: The actor does not see the task.
    """
    with acting_as(actor):
        find_seen_task(actor, task).muted_by.remove(actor)


def require_assignee(person: User | None) -> None:
    """Refuse an assignee who cannot do a task, as an error of the field."""
    try:
        require_worker(person)
    except ValidationError as error:
        raise ValidationError({"assigned_to": error}) from None


def _give_task(task: Task, assignee: User | None) -> Task:
    require_assignee(assignee)
    task.assigned_to = assignee
    task.save(update_fields=["assigned_to"])
    return task
