"""Keeps ``waiting_dependency`` true: a task waits exactly while one before it is open."""

from django.db.models import Q

from api.models import Task, TaskDependency
from api.models.completion import FINISHED
from api.models.task_choices import TaskStatus

__all__ = ["refresh_waiting"]


def refresh_waiting() -> int:
    """Let pending tasks wait that have an open one before them, and no others.

    It runs at the end of every block of ``making_changes()``, so it does not matter by which door
    a task was completed, reopened, cancelled, deleted or restored, or a dependency came or went.
    Whoever writes tasks has locked those after them by then (``lock_work()``).
    A status that a person has set is no obstacle: whoever sets "pending" says that nobody has
    begun, which waiting says as well.

    Returns:
        How many tasks changed.

    Costs one query, and one more for each of the two statuses that has to change.
    """
    blocking = (
        TaskDependency.objects.filter(needed__deleted_at__isnull=True)
        .exclude(needed__status__in=FINISHED)
        .order_by()
        .values("task")
    )
    waits = Q(pk__in=blocking)
    wrong = Task.objects.filter(
        (Q(status=TaskStatus.PENDING) & waits) | (Q(status=TaskStatus.WAITING_DEPENDENCY) & ~waits)
    )
    moves: dict[str, list[int]] = {}
    for key, status in wrong.order_by("pk").values_list("pk", "status"):
        moves.setdefault(status, []).append(key)
    for status, keys in moves.items():
        other = (
            TaskStatus.WAITING_DEPENDENCY if status == TaskStatus.PENDING else TaskStatus.PENDING
        )
        # The base manager is the machines' way in: nobody's field is locked by it.
        Task._base_manager.filter(pk__in=keys, status=status).update(status=other)
    return sum(map(len, moves.values()))
