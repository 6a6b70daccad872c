"""Tasks: one's own day, and the board."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from api.models import Property, Task
from api.models.task_choices import TaskStatus, TaskType
from api.services.checklist import with_progress
from api.services.permission import list_visible
from api.services.permission.scopes import TEAM_TYPES

from .pages import PortalRequest, portal_page
from .query_parameters import read_day, read_key

__all__ = ["OPEN", "SOON", "show_board", "show_my_day"]

OPEN: Final = (TaskStatus.PENDING, TaskStatus.WAITING_DEPENDENCY, TaskStatus.IN_PROGRESS)
COLUMN_LENGTH: Final = 30
DONE_SHOWN: Final = timedelta(days=7)
SOON: Final = timedelta(days=2)
DUE: Final = {"late": timedelta(0), "soon": SOON}
"""By when from now what is asked for is due."""


@portal_page("api.change_task")
def show_my_day(request: PortalRequest) -> HttpResponse:
    """Show the work of today by house and hour, and what is late. Costs one statement."""
    today = timezone.localdate()
    day = read_day(request, "day") or today
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    begin = end - timedelta(days=1)
    mine = _list_own(request)
    due = Q(due_date__gte=begin, due_date__lt=end)
    if day == today:
        due |= Q(due_date__lt=begin, status__in=OPEN)
    tasks = list(
        mine.filter(due)
        .exclude(status=TaskStatus.CANCELLED)
        .select_related("property", "assigned_to")
        .order_by("due_date", "pk")
    )
    late = [task for task in tasks if task.due_date and task.due_date < begin]
    now = [task for task in tasks if task not in late]
    context = {
        "day": day,
        "is_today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "late": _group_by_house(late),
        "houses": _group_by_house(now),
        "done": sum(task.status == TaskStatus.COMPLETED for task in tasks),
        "count": len(tasks),
    }
    return render(request, "portal/my_day/my_day.html", context)


def _list_own(request: PortalRequest) -> QuerySet[Any]:
    """Return the tasks assigned to the user, and the unassigned ones of their team."""
    tasks = with_progress(list_visible(request.access, Task))
    own = Q(assigned_to=request.user.pk)
    team = TEAM_TYPES.get(request.access.task_group)
    if team and request.access.sees_team_tasks:
        own |= Q(assigned_to__isnull=True, task_type__in=sorted(team))
    return tasks.filter(own)


def _group_by_house(tasks: Iterable[Task]) -> list[tuple[Property, list[Task]]]:
    """Return the tasks grouped by house; the house with the earliest task comes first."""
    groups: dict[int, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.property_id, []).append(task)
    return [(group[0].property, group) for group in groups.values()]


@portal_page("api.view_task")
def show_board(request: PortalRequest) -> HttpResponse:
    """Show the tasks in columns, one for each status. Costs five statements."""
    tasks = list_visible(request.access, Task)
    chosen = {name: request.GET.get(name, "") for name in ("type", "house", "who", "due")}
    if chosen["type"] in TaskType.values:
        tasks = tasks.filter(task_type=chosen["type"])
    if house := read_key(request, "house"):
        tasks = tasks.filter(property=house)
    if chosen["who"] == "me":
        tasks = tasks.filter(assigned_to=request.user.pk)
    elif chosen["who"] == "nobody":
        tasks = tasks.filter(assigned_to__isnull=True)
    statuses: tuple[TaskStatus, ...] = (*OPEN, TaskStatus.COMPLETED)
    if chosen["due"] in DUE:
        tasks = tasks.filter(due_date__lt=timezone.now() + DUE[chosen["due"]])
        # A finished task is no longer late.
        statuses = OPEN
    context = {
        "may_add": request.access.may("api.add_task"),
        "columns": [_make_column(tasks, status) for status in statuses],
        "chosen": chosen,
        "types": TaskType.choices,
        "houses": list_visible(request.access, Property).only("pk", "name"),
        "now": timezone.now(),
    }
    return render(request, "portal/tasks/board.html", context)


def _make_column(tasks: QuerySet[Any], status: TaskStatus) -> dict[str, Any]:
    rows = tasks.filter(status=status).select_related("property", "assigned_to")
    # The databases disagree on the position of nulls.
    rows = rows.order_by(F("due_date").asc(nulls_last=True), "pk")
    if status == TaskStatus.COMPLETED:
        rows = rows.filter(modified_at__gte=timezone.now() - DONE_SHOWN).order_by("-modified_at")
    found = list(rows[: COLUMN_LENGTH + 1])
    return {
        "status": status,
        "label": status.label,
        "tasks": found[:COLUMN_LENGTH],
        "has_more": len(found) > COLUMN_LENGTH,
    }
