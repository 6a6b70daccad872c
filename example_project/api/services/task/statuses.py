"""The statuses of tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from api.models import Task, User
from api.models.completion import Lack, find_lacks
from api.models.task_choices import TaskStatus
from api.services.acting import acting_as, lock_task, lock_tasks
from api.services.permission import get_access, list_visible

__all__ = ["StatusOutcome", "count_by_status", "list_next_statuses", "set_status", "set_statuses"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusOutcome:
    """The result of setting the status of many tasks."""

    changed: Sequence[Task]
    """Those that have it now; whoever had it before is not among them."""

    refused: Mapping[Task, str]
    """Those that could not, each with the reason."""


def set_status(*, actor: User, task: Task, status: str) -> Task:
    """Change the status of a task.

    Args:
        actor: Who does it, with ``api.change_task`` for the task.
        task: The task.
        status: One of ``TaskStatus``.

    Returns:
        The task as it is stored now; one that is to be pending while others come before it waits.

    Raises:
        PermissionDenied: The actor may not change the task.
        StateRefused: With the code ``transition``, the status may not follow the present one; with
            ``incomplete``, something is missing, and the message says what.
        ValidationError: There is no such status, with the code ``invalid_choice``.
    """
    _check_status(status)
    with acting_as(actor):
        found = lock_task(actor, task)
        found.status = status
        found.save(update_fields=["status"])
    found.refresh_from_db(fields=["status"])
    return found


def set_statuses(*, actor: User, tasks: Collection[Task], status: str) -> StatusOutcome:
    """Set the status of many tasks; those that were refused stay as they are, and are returned.

    Args:
        actor: Who does it, with ``api.change_task`` for all of the tasks.
        tasks: The tasks.
        status: One of ``TaskStatus``.

    Raises:
        PermissionDenied: The actor may not change one of them; then none is changed.
        ValidationError: There is no such status, with the code ``invalid_choice``.

    Costs some twelve queries, however many tasks (one more for each 500).
    """
    _check_status(status)
    with acting_as(actor):
        rows = lock_tasks(actor, [task.pk for task in tasks])
        others = [row for row in rows if row.status != status]
        lacks = find_lacks([row.pk for row in others]) if status == TaskStatus.COMPLETED else {}
        refused = {row: reason for row in others if (reason := _explain(row, status, lacks))}
        changed = [row for row in others if row not in refused]
        for row in changed:
            row.status = status
        Task.objects.bulk_update(changed, ["status"], batch_size=500)
    return StatusOutcome(changed=changed, refused=refused)


def list_next_statuses(task: Task) -> list[str]:
    """Return the statuses that may follow a task's present one, for buttons; no query.

    ``completed`` is among them also where the task still lacks something, and
    ``waiting_dependency`` never, which is not for a person to set.
    """
    allowed = Task.status_flow.get(task.status, ())
    return [
        status.value
        for status in TaskStatus
        if status in allowed and status != TaskStatus.WAITING_DEPENDENCY
    ]


def count_by_status(*, actor: User, tasks: "QuerySet[Task] | None" = None) -> dict[str, int]:
    """Return how many tasks have each status, those without any included.

    Args:
        actor: Whose tasks: all that this person sees.
        tasks: Which of them; all by default.

    Costs one query, and two for a user whose access was not asked for yet.
    """
    seen = list_visible(get_access(actor), Task)
    if tasks is not None:
        seen = seen.filter(pk__in=tasks.order_by().values("pk"))
    counted = seen.order_by().values_list("status").annotate(number=Count("pk"))
    return {status.value: 0 for status in TaskStatus} | dict(counted)


def _check_status(status: str) -> None:
    if status not in TaskStatus.values:
        raise ValidationError(
            {
                "status": ValidationError(
                    _("There is no status “%(status)s”."), "invalid_choice", {"status": status}
                )
            }
        )


def _explain(row: Task, status: str, lacks: Mapping[int, Sequence[Lack]]) -> str:
    if status not in Task.status_flow.get(row.status, ()):
        words = {"old": row.get_status_display(), "new": TaskStatus(status).label}
        return _("What is “%(old)s” cannot become “%(new)s”.") % words
    missing = ", ".join(str(lack) for lack in lacks.get(row.pk, ()))
    return _("Missing: %(missing)s.") % {"missing": missing} if missing else ""
