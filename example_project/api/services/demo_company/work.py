"""Who does the tasks, how far they are, and what was noted on the way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from api.models import (
    AutoTaskTemplate,
    Booking,
    ChecklistItem,
    ChecklistResponse,
    Notification,
    Task,
    TaskChecklist,
    TaskDependency,
    User,
)
from api.models.booking import BookingStatus
from api.models.checklist import ItemType
from api.models.notification import NotificationVerb
from api.models.task_choices import TaskStatus, TaskType
from api.services.changes import making_changes
from api.services.permission.scopes import TEAM_TYPES
from django_modernize.context import change_context

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_past_work", "add_work", "finish_work", "give_work"]

MAINTENANCE: Final = (
    ("Tap drips in the bathroom", TaskType.MAINTENANCE),
    ("Replace the bulb on the porch", TaskType.MAINTENANCE),
    ("Dishwasher leaves stains", TaskType.MAINTENANCE),
    ("Door of the shed does not close", TaskType.MAINTENANCE),
    ("Wash the curtains", TaskType.LAUNDRY),
    ("Trim the hedge", TaskType.LAWN_POOL),
    ("Renew the rental licence", TaskType.ADMINISTRATION),
    ("Check what the last guests said of the beds", TaskType.OTHER),
)
CLEANING_RULE: Final = "Pre-arrival Cleaning"
PAST_DAYS: Final = 60
STARTED: Final = 6
UNFINISHED: Final = 5
"""How many of the tasks that are due by now are left open, as happens."""


def add_past_work(company: "Company") -> None:
    """Add the cleanings of the last weeks: rules make no task whose time has passed."""
    now = timezone.now()
    rule = AutoTaskTemplate.objects.get(name=CLEANING_RULE)
    began = Booking.objects.filter(
        check_in__range=(now - timedelta(days=PAST_DAYS), now), tasks=None
    ).exclude(status=BookingStatus.CANCELLED)
    tasks = Task.objects.bulk_create(
        Task(
            title=f"Pre-arrival Cleaning - {booking.property.name}",
            task_type=TaskType.CLEANING,
            property=booking.property,
            booking=booking,
            due_date=booking.check_in - timedelta(days=1),
            made_by=rule,
        )
        for booking in began.select_related("property").order_by("check_in", "pk")
    )
    TaskChecklist.objects.bulk_create(
        TaskChecklist(task=task, template=rule.checklist) for task in tasks
    )


def give_work(company: "Company") -> None:
    """Give each task of the rules to somebody of the team, but for the last ones ahead."""
    by_type = {
        task_type: company.people.teams[team]
        for team, task_types in TEAM_TYPES.items()
        if team in company.people.teams
        for task_type in sorted(task_types)
    }
    soon = timezone.now() + timedelta(days=21)
    tasks = list(
        Task.objects.filter(assigned_to=None, due_date__lt=soon)
        .exclude(status=TaskStatus.CANCELLED)
        .order_by("due_date", "pk")
    )
    for number, task in enumerate(tasks):
        team = by_type[task.task_type]
        task.assigned_to = team[number % len(team)]
    Task.objects.bulk_update(tasks, ["assigned_to"], batch_size=500)


def add_work(company: "Company") -> None:
    """Add tasks that no rule makes: what breaks, and what has to wait for something else."""
    people = company.people
    now = timezone.now()
    with change_context(actor=people["tom"]), making_changes():
        tasks = Task.objects.bulk_create(
            Task(
                title=title,
                task_type=task_type,
                property=company.houses[3 * number],
                due_date=now + timedelta(days=number - 2, hours=number),
                description="Reported by the guests.",
            )
            for number, (title, task_type) in enumerate(MAINTENANCE)
        )
        after = Task.objects.create(
            title="Photograph the house anew",
            task_type=TaskType.OTHER,
            property=tasks[3].property,
            due_date=now + timedelta(days=5),
            status=TaskStatus.WAITING_DEPENDENCY,
            assigned_to=people["ivy"],
        )
        TaskDependency.objects.create(task=after, needed=tasks[3])
    # In blocks of their own, so that those whom it concerns are told.
    for task, name in zip(tasks, ("emil", "fay", "emil", "fay", "gina", "hank"), strict=False):
        with change_context(actor=people["maria"]), making_changes():
            task.assigned_to = people[name]
            task.save()
    tasks[0].muted_by.add(people["emil"])
    _tell_managers(company, tasks[2])


def finish_work(company: "Company") -> None:
    """Note what is done: all that was due before today, but for a few; today's is under way."""
    now = timezone.now()
    due = list(
        Task.objects.filter(due_date__lt=now, status=TaskStatus.PENDING)
        .exclude(assigned_to=None)
        .order_by("due_date", "pk")
    )
    done = due[:-UNFINISHED]
    _answer_checklists(done, now)
    for task in done:
        task.status = TaskStatus.COMPLETED
        task.started_at = task.due_date
        task.completed_at = task.due_date
    Task.objects.bulk_update(done, ["status", "started_at", "completed_at"], batch_size=500)
    for task in Task.objects.filter(status=TaskStatus.PENDING, due_date__gte=now).exclude(
        assigned_to=None
    )[:STARTED]:
        _begin_task(task, now)


def _begin_task(task: Task, now: datetime) -> None:
    """Note the first answers of a checklist, as somebody in the house does."""
    with change_context(actor=task.assigned_to), making_changes():
        task.status = TaskStatus.IN_PROGRESS
        task.started_at = now
        task.save()
        _answer_checklists([task], now, limit=3)


def _answer_checklists(tasks: Sequence[Task], now: datetime, limit: int | None = None) -> None:
    by_template: dict[int, list[ChecklistItem]] = {}
    for item in ChecklistItem.objects.order_by("order", "pk"):
        by_template.setdefault(item.template_id, []).append(item)
    people: dict[int, User | None] = {task.pk: task.assigned_to for task in tasks}
    lists = TaskChecklist.objects.filter(task__in=tasks).select_related("task")
    ChecklistResponse.objects.bulk_create(
        (
            ChecklistResponse(
                checklist=checklist,
                item=item,
                is_done=True,
                done_by=people[checklist.task_id],
                done_at=min(checklist.task.due_date or now, now),
            )
            for checklist in lists
            for item in by_template.get(checklist.template_id, [])[:limit]
            if item.item_type not in (ItemType.PHOTO_REQUIRED, ItemType.PHOTO_OPTIONAL)
        ),
        batch_size=500,
    )


def _tell_managers(company: "Company", task: Task) -> None:
    """Call a manager, as the button in a task does."""
    Notification.objects.create(
        recipient=company.people["maria"],
        actor=company.people["emil"],
        task=task,
        property=task.property,
        verb=NotificationVerb.ATTENTION,
        matter=f"task:{task.pk}",
        changes={"message": "It needs a new pump. Shall I order one?"},
    )
