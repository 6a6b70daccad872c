"""Who acts on which tasks: the checks at the start of each service."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from api.models import Task, User
from api.services.changes import making_changes
from api.services.locking import lock_work
from api.services.permission import get_access, list_changeable, list_visible
from django_modernize.context import ChangeSource, change_context, get_context

__all__ = ["acting_as", "find_seen_task", "lock_task", "lock_tasks"]


@contextmanager
def acting_as(actor: User) -> Iterator[None]:
    """Attribute changes to a person, so that stamps, notifications and locks name them.

    Within a request the context knows the person already; elsewhere, as in a shell, it is set here.
    """
    if get_context().actor_id == actor.pk:
        with making_changes():
            yield
        return
    with change_context(actor=actor, source=ChangeSource.MANUAL), making_changes():
        yield


def find_seen_task(actor: User, task: Task) -> Task:
    """Return a task from the database, if the actor can see it.

    Raises:
        PermissionDenied: The actor cannot see it, or it was deleted.
    """
    found: Task | None = list_visible(get_access(actor), Task).filter(pk=task.pk).first()
    if found is None:
        raise PermissionDenied(_("There is no such task among yours."))
    return found


def lock_task(actor: User, task: Task, permission: str = "api.change_task") -> Task:
    """Return a task from the database, locked until the transaction ends, for whoever may edit it.

    Raises:
        PermissionDenied: The actor may not, or the task was deleted.
    """
    (found,) = lock_tasks(actor, [task.pk], permission)
    return found


def lock_tasks(
    actor: User, task_ids: Collection[int], permission: str = "api.change_task"
) -> list[Task]:
    """Return tasks, locked together with those that wait for them, if the actor may change all.

    Raises:
        PermissionDenied: One of them the actor may not change, or it was deleted.

    Costs one query, two more on PostgreSQL, and one for a user whose access was not asked for yet.
    """
    wanted = set(task_ids)
    lock_work(wanted)
    changeable = list_changeable(get_access(actor), permission, Task).values("pk")
    found = list(Task.objects.filter(pk__in=wanted).filter(pk__in=changeable).order_by("pk"))
    if len(found) < len(wanted):
        raise PermissionDenied(_("You may not do this to a task that is not your work."))
    return found
