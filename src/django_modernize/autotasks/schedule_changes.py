"""What a changed schedule makes of the tasks that it has planned ahead and nobody has begun."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .applying import lock_task_rows, write_values
from .exceptions import RuleInvalid, TextInvalid
from .schedules import Schedule, draft_tasks, get_schedule, read_facts
from .shapes import TaskShape
from .steps import Action
from .timing import find_zone

__all__ = ["ScheduleChange", "apply_schedule_changes", "plan_schedule_changes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleChange:
    """What becomes of one task."""

    action: Action
    """``MOVE`` for other values, ``REASSIGN`` for another person, ``CANCEL`` or ``REOPEN``."""

    template: Any
    day: datetime.date
    """The day that the task is for."""

    task_id: Any
    due_at: datetime.datetime
    title: str
    values: Mapping[str, Any]
    """Column of the task to its new value."""


def plan_schedule_changes(
    before: Any, after: Any, *, now: datetime.datetime | None = None
) -> list[ScheduleChange]:
    """Return what the change of a recurring template makes of the tasks that it made ahead.

    A task of today or later follows what the change changes, and nothing else: it gets the new
    values, is cancelled where its day no longer comes, and brought back where it comes again. What
    has been begun stays, and so does what a person has set, if tasks keep that (``locked`` of
    their :class:`.TaskShape`). Days without a task get theirs when the schedules run.

    Args:
        before: The template as it is stored, or was.
        after: The same with its changes, stored or not.
        now: The time to plan for; without it, now.

    Returns:
        The changes by their days; nothing is written.

    Raises:
        RuleInvalid, TextInvalid: ``after`` would be refused.

    Costs one query, and one for each row that texts name of the two.
    """
    schedule = get_schedule(type(after))
    moment = now or timezone.now()
    today = moment.astimezone(find_zone(after.time_zone)).date()
    tasks = _load_tasks(schedule, after, today)
    if not tasks:
        return []
    wanted = _draft(schedule, after, tasks)
    try:
        known = _draft(schedule, before, tasks)
    except (RuleInvalid, TextInvalid):
        # Such a schedule has made nothing lately, and whoever mends it wants its tasks again.
        known = {}
    changes = (
        _compare(schedule.subject.shape, after, day, task, known.get(day), wanted.get(day))
        for day, task in tasks.items()
    )
    return [one for one in changes if one is not None]


def apply_schedule_changes(changes: Sequence[ScheduleChange]) -> dict[Action, int]:
    """Do what :func:`plan_schedule_changes` said; a task that was begun meanwhile is left alone.

    To be called in the transaction that stores the template.

    Returns:
        How many tasks were changed, given to somebody else, cancelled and brought back.

    Costs a query, one for each 500 tasks, and on databases that lock rows one for that.
    """
    if not changes:
        return {}
    schedule = get_schedule(type(changes[0].template))
    tasks = _find_touchable(schedule)
    with transaction.atomic(using=router.db_for_write(schedule.subject.tasks)):
        keys = sorted(one.task_id for one in changes)
        lock_task_rows(schedule.subject, keys)
        still = set(tasks.filter(pk__in=keys).values_list("pk", flat=True))
        done = [one for one in changes if one.task_id in still]
        write_values(schedule.subject, done)
    counts = {one: sum(change.action is one for change in done) for one in Action}
    return {action: count for action, count in counts.items() if count}


def _find_touchable(schedule: Schedule) -> QuerySet[Any]:
    """Return the tasks that nobody has begun, and those that were cancelled."""
    shape = schedule.subject.shape
    condition = shape.open
    if shape.cancel and condition:
        condition |= Q(**shape.cancel)
    tasks: QuerySet[Any] = schedule.subject.tasks._default_manager.filter(condition)
    return tasks


def _load_tasks(schedule: Schedule, template: Any, today: datetime.date) -> dict[Any, Any]:
    records: Any = (
        schedule.records._base_manager.filter(template=template.pk, day__gte=today)
        .filter(task__in=_find_touchable(schedule))
        .select_related("task")
        .order_by("day")
    )
    return {record.day: record.task for record in records}


def _draft(
    schedule: Schedule, template: Any, days: Mapping[datetime.date, Any]
) -> dict[datetime.date, Mapping[str, Any]]:
    """Return what a template wants the tasks of some days to hold; it says nothing of the others.

    One that is switched off wants none.
    """
    if not template.is_active:
        return {}
    steps = draft_tasks(
        schedule, template, read_facts(schedule, template), first=min(days), last=max(days)
    )
    return {step.day: step.values for step in steps}


def _compare(
    shape: TaskShape,
    template: Any,
    day: datetime.date,
    task: Any,
    known: Mapping[str, Any] | None,
    wanted: Mapping[str, Any] | None,
) -> ScheduleChange | None:
    """Return what becomes of the task of a day, if anything does."""
    locked = set(getattr(task, shape.locked) or ()) if shape.locked else set()
    changed = {} if wanted is None else _list_changes(task, known or {}, wanted, locked)
    values: Mapping[str, Any] = {}
    if shape.cancel and _holds(task, shape.cancel):
        action = Action.REOPEN
        # A person who has cancelled it is not overruled, and without locks nobody knows.
        is_ours = shape.locked is not None and not locked & set(shape.cancel)
        if known is None and wanted is not None and is_ours and shape.reopen:
            values = {**changed, **shape.reopen}
    elif wanted is None:
        action = Action.CANCEL
        values = {} if known is None else shape.cancel
    else:
        action, values = _name_action(shape, changed), changed
    if not values:
        return None
    return ScheduleChange(
        action=action,
        template=template,
        day=day,
        task_id=task.pk,
        due_at=values.get(shape.due_at, getattr(task, shape.due_at)),
        title=values.get(shape.title, getattr(task, shape.title)),
        values=values,
    )


def _list_changes(
    task: Any, known: Mapping[str, Any], wanted: Mapping[str, Any], locked: set[str]
) -> dict[str, Any]:
    """Return the columns that get another value than before, and that nobody has set by hand."""
    return {
        name: value
        for name, value in wanted.items()
        if (name not in known or known[name] != value)
        and getattr(task, name) != value
        and name.removesuffix("_id") not in locked
    }


def _holds(task: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(task, name) == value for name, value in values.items())


def _name_action(shape: TaskShape, changed: Mapping[str, Any]) -> Action:
    is_handover = shape.assignee and set(changed) == {f"{shape.assignee}_id"}
    return Action.REASSIGN if is_handover else Action.MOVE
