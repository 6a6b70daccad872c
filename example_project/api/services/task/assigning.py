"""Who does a task, and who hears of it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from api.models import Task, User
from api.services.acting import acting_as, find_seen_task, lock_task
from api.services.permission import get_access

__all__ = ["assign_task", "assign_to_me", "mute_task", "unmute_task"]


def assign_task(*, actor: User, task: Task, assignee: User | None) -> Task:
    """Give a task to somebody, or to nobody.

    Args:
        actor: Who does it, with ``api.assign_task`` for the task.
        task: The task.
        assignee: Who is to do it, active; ``None`` takes it from whoever has it.

    Raises:
        PermissionDenied: The actor may not assign the task.
        ValidationError: The assignee is no longer active, with the code ``inactive``.
    """
    with acting_as(actor):
        found = lock_task(actor, task, "api.assign_task")
        return _give_task(found, assignee)


def assign_to_me(*, actor: User, task: Task) -> Task:
    """Take a task that nobody has, or any if the actor may assign tasks.

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
    """Hear nothing more of a task that one sees; muting twice is muting.

    Raises:
        PermissionDenied: The actor does not see the task.
    """
    with acting_as(actor):
        find_seen_task(actor, task).muted_by.add(actor)


def unmute_task(*, actor: User, task: Task) -> None:
    """Hear of a task again.

    Raises:
        PermissionDenied: The actor does not see the task.
    """
    with acting_as(actor):
        find_seen_task(actor, task).muted_by.remove(actor)


def _give_task(task: Task, assignee: User | None) -> Task:
    if assignee is not None and not assignee.is_active:
        words = {"person": assignee}
        raise ValidationError(
            {"assigned_to": ValidationError(_("%(person)s has left."), "inactive", words)}
        )
    task.assigned_to = assignee
    task.save(update_fields=["assigned_to"])
    return task
