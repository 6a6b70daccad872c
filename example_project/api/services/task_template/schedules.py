"""What people do with schedules: make and change them, switch them on and off, and look ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import GeneratedTask, Property, ScheduleTemplate, Task, User
from api.services.changes import making_changes
from api.services.editing import refuse_unknown
from api.services.permission import (
    Access,
    get_access,
    list_visible,
    may_change_object,
    require_new_workers,
)
from django_modernize.autotasks import Action
from django_modernize.autotasks.exceptions import RuleInvalid
from django_modernize.autotasks.models import ChangePolicy
from django_modernize.autotasks.recurrence import list_next
from django_modernize.autotasks.schedule_changes import (
    apply_schedule_changes,
    plan_schedule_changes,
)
from django_modernize.autotasks.timing import find_zone

__all__ = [
    "EDITABLE",
    "Occurrence",
    "bring_in_line",
    "change_schedule",
    "create_schedule",
    "find_next_day",
    "list_occurrences",
    "list_schedules",
    "switch_schedule",
]

EDITABLE: Final = frozenset(
    {
        *("name", "is_active", "property", "rule", "first_day", "exceptions", "time_of_day"),
        *("time_zone", "horizon_days", "title", "description", "task_type", "assignee"),
        "checklist",
    }
)
"""What a person may set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """A day on which a schedule comes."""

    due_at: datetime
    """By the schedule's clock."""

    is_made: bool
    """Whether it had its task already."""

    task: Task | None
    """The task, where it is there and the person sees it."""


def list_schedules(*, actor: User) -> QuerySet[ScheduleTemplate]:
    """Return the schedules that a person sees, with their houses.

    Costs one statement.
    """
    rows: QuerySet[ScheduleTemplate] = list_visible(get_access(actor), ScheduleTemplate)
    return rows.select_related("property").order_by("name", "property__name", "pk")


def create_schedule(*, actor: User, values: Mapping[str, Any]) -> ScheduleTemplate:
    """Make a schedule; its tasks are made each night.

    Args:
        actor: Who does it.
        values: Fields out of :data:`EDITABLE`; name, house, rule, first day and title are needed.

    Raises:
        PermissionDenied: The actor may not make schedules, or does not see the house.
        ValidationError: A value is not possible, or somebody new who gets the tasks may not do them
            (``no_worker``).

    Costs some ten queries.
    """
    access = get_access(actor)
    if not access.may("api.add_scheduletemplate"):
        raise PermissionDenied(_("You may not change schedules."))
    with making_changes():
        return _store(access, ScheduleTemplate(), values)


def change_schedule(
    *,
    actor: User,
    schedule: ScheduleTemplate,
    values: Mapping[str, Any],
    policy: str = ChangePolicy.UPDATE,
) -> Mapping[Action, int]:
    """Change a schedule, and the tasks that it has planned ahead and nobody has begun.

    Args:
        actor: Who does it.
        schedule: The schedule; what is stored counts, not what this object says.
        values: Fields out of :data:`EDITABLE`.
        policy: A ``ChangePolicy``: whether those tasks follow, or are left as they are.

    Returns:
        How many tasks were changed, given to somebody else, cancelled and brought back.

    Raises:
        PermissionDenied: The actor may not change it, or does not see the house.
        ValidationError: As of :func:`create_schedule`.

    Costs some twelve queries, and six more where tasks follow.
    """
    access = get_access(actor)
    with making_changes():
        stored = ScheduleTemplate.objects.select_for_update(no_key=True).get(pk=schedule.pk)
        if not may_change_object(access, "api.change_scheduletemplate", stored):
            raise PermissionDenied(_("You may not change schedules."))
        before = ScheduleTemplate.objects.get(pk=stored.pk)
        after = _store(access, stored, values)
        return bring_in_line(before, after, policy)


def switch_schedule(
    *,
    actor: User,
    schedule: ScheduleTemplate,
    is_active: bool,
    policy: str = ChangePolicy.UPDATE,
) -> Mapping[Action, int]:
    """Switch a schedule on or off.

    Args:
        actor: Who does it.
        schedule: The schedule.
        is_active: Whether it makes tasks from now on.
        policy: As of :func:`change_schedule`: tasks that are planned ahead are cancelled, or
            brought back if that is why they were cancelled, or all are left as they are.

    Returns:
        How many tasks were cancelled, brought back and so on.

    Raises:
        PermissionDenied: The actor may not.

    Costs as :func:`change_schedule`.
    """
    values = {"is_active": is_active}
    return change_schedule(actor=actor, schedule=schedule, values=values, policy=policy)


def bring_in_line(
    before: ScheduleTemplate, after: ScheduleTemplate, policy: str
) -> Mapping[Action, int]:
    """Have the tasks that a schedule has planned ahead follow its change, if that is the policy.

    Args:
        before: The schedule as it was.
        after: The same as it is stored now.
        policy: A ``ChangePolicy``.

    Returns:
        How many tasks were changed, given to somebody else, cancelled and brought back.

    Costs some three queries, two for locks, and one more for each 500 tasks that change.
    """
    if policy == ChangePolicy.LEAVE:
        return {}
    with making_changes():
        return apply_schedule_changes(plan_schedule_changes(before, after))


def find_next_day(schedule: ScheduleTemplate) -> date | None:
    """Return the next day on which a schedule comes, by its clock. Costs no query."""
    return next(iter(_list_days(schedule, 1)), None)


def list_occurrences(
    schedule: ScheduleTemplate, tasks: QuerySet[Task], *, count: int = 10
) -> list[Occurrence]:
    """Return the next days on which a schedule comes, each with its task if that is there already.

    One that is switched off is told as if it were on.

    Args:
        schedule: A stored schedule.
        tasks: Those that whoever looks sees.
        count: How many at most.

    Costs two queries.
    """
    days = _list_days(schedule, count)
    records = GeneratedTask.objects.filter(template=schedule, day__in=days)
    made = dict(records.values_list("day", "task_id"))
    found = tasks.in_bulk([key for key in made.values() if key])
    zone = find_zone(schedule.time_zone)
    return [
        Occurrence(
            due_at=datetime.combine(day, schedule.time_of_day, zone),
            is_made=day in made,
            task=found.get(made.get(day)),
        )
        for day in days
    ]


def _list_days(schedule: ScheduleTemplate, count: int) -> list[date]:
    try:
        return list_next(
            schedule.rule,
            start=schedule.first_day,
            first=timezone.localdate(timezone=find_zone(schedule.time_zone)),
            count=count,
            exceptions=schedule.exceptions,
        )
    except RuleInvalid:
        # No form stores one; whoever wrote it elsewhere finds it in the log of the night.
        return []


def _store(
    access: Access, schedule: ScheduleTemplate, values: Mapping[str, Any]
) -> ScheduleTemplate:
    house_before = schedule.property_id
    for name, value in refuse_unknown(values, EDITABLE).items():
        setattr(schedule, name, value)
    schedule.full_clean()
    if schedule.property_id != house_before and not _sees_house(access, schedule.property_id):
        raise PermissionDenied(_("You may not make schedules for this house."))
    require_new_workers(schedule)
    schedule.save()
    return schedule


def _sees_house(access: Access, house_id: int) -> bool:
    return bool(list_visible(access, Property).filter(pk=house_id).exists())
