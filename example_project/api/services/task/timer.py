"""The time that people work on tasks."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Sum
from django.utils import timezone

from api.models import Task, TaskWork, User
from api.models.task_choices import TaskStatus
from api.services.acting import acting_as, lock_task
from django_modernize.integrity import explain_refusals

__all__ = ["find_running", "start_timer", "stop_timer", "sum_work"]


def start_timer(*, actor: User, task: Task) -> TaskWork:
    """Start the actor's timer on a task; a timer on another task is stopped.

    A task that is pending, or waits, is in progress from now on.

    Returns:
        The running span; the one that runs already, if it is of this task.

    Raises:
        PermissionDenied: The task is not among the actor's work.
        ConstraintViolated: The same person starts another at this very moment.
    """
    with acting_as(actor):
        found = lock_task(actor, task)
        running = find_running(actor)
        if running is not None and running.task_id == found.pk:
            return running
        now = timezone.now()
        if running is not None:
            _end_span(running)
        span = TaskWork(task=found, user=actor, started_at=now)
        with explain_refusals(TaskWork, [span]):
            span.save()
        if found.status in (TaskStatus.PENDING, TaskStatus.WAITING_DEPENDENCY):
            found.status = TaskStatus.IN_PROGRESS
            found.save(update_fields=["status"])
    return span


def stop_timer(*, actor: User) -> TaskWork | None:
    """Stop the actor's timer, and return its period, or ``None`` if it is not running."""
    with acting_as(actor):
        running = find_running(actor)
        if running is not None:
            _end_span(running)
    return running


def find_running(user: User) -> TaskWork | None:
    """Return what a person is working on; costs one query, including the task."""
    return TaskWork.objects.filter(user=user, ended_at__isnull=True).select_related("task").first()


def sum_work(task: Task) -> timedelta:
    """Return how long people have worked on a task, without running timers.

    Costs one query.
    """
    span = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    done = TaskWork.objects.filter(task=task, ended_at__isnull=False)
    total: timedelta | None = done.aggregate(total=Sum(span))["total"]
    return total or timedelta()


def _end_span(span: TaskWork) -> None:
    span.ended_at = max(timezone.now(), span.started_at)
    span.save(update_fields=["ended_at"])
