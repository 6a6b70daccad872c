"""Dependencies between tasks."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from api.models import Task, TaskDependency, User
from api.services.acting import acting_as, lock_tasks
from api.services.permission import get_access
from django_modernize.integrity import explain_refusals

__all__ = ["add_dependency", "remove_dependency"]


def add_dependency(*, actor: User, task: Task, needed: Task) -> TaskDependency:
    """Make a task wait for another one; a pending task starts waiting at once.

    Args:
        actor: Who does it, with ``api.add_taskdependency`` and ``api.change_task`` for both.
        task: What comes later.
        needed: What comes before.

    Raises:
        PermissionDenied: The actor may not.
        ConstraintViolated: They would wait for one another in a circle (code ``cycle``, with the
            way), or it is so already (``unique``).
    """
    if not get_access(actor).may("api.add_taskdependency"):
        raise PermissionDenied(_("You may not say which task comes before which."))
    with acting_as(actor):
        lock_tasks(actor, {task.pk, needed.pk})
        dependency = TaskDependency(task=task, needed=needed)
        with explain_refusals(TaskDependency, [dependency]):
            dependency.save()
    return dependency


def remove_dependency(*, actor: User, task: Task, needed: Task) -> bool:
    """Remove a dependency.

    Returns:
        Whether it did.

    Raises:
        PermissionDenied: The actor may not.
    """
    if not get_access(actor).may("api.change_taskdependency"):
        raise PermissionDenied(_("You may not say which task comes before which."))
    with acting_as(actor):
        lock_tasks(actor, {task.pk, needed.pk})
        found = TaskDependency.objects.filter(task=task, needed=needed).first()
        if found is None:
            return False
        found.delete()
    return True
