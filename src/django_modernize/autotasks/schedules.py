"""Plans and makes tasks that come again."""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import router, transaction
from django.db.models import Model
from django.utils import timezone

from .applying import lock_templates
from .exceptions import RuleInvalid, SubjectError, TextInvalid
from .kinds import Kind
from .recurrence import find_days
from .shapes import TaskShape
from .subjects import Subject, SubjectField, make_subject
from .texts import compile_text
from .timing import find_zone

__all__ = [
    "Schedule",
    "ScheduleStep",
    "draft_tasks",
    "get_schedule",
    "list_schedules",
    "plan_schedules",
    "read_facts",
    "register_schedule",
    "run_schedules",
]

logger = logging.getLogger(__name__)

DAY: Final = SubjectField(name="day", source="first_day", kind=Kind.DATE, label="day")
"""What texts may name beside the template's own fields: the day of the task."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A project's model of recurring templates, and how its tasks are written."""

    model: type[Model]
    records: type[Model]
    subject: Subject


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleStep:
    """One task that a day asks for."""

    template: Any
    day: datetime.date
    due_at: datetime.datetime
    values: Mapping[str, Any]
    """Column of the task to its value."""


SCHEDULES: Final[dict[type[Model], Schedule]] = {}


def register_schedule(
    model: type[Model], *, records: type[Model], fields: Mapping[str, str], shape: TaskShape
) -> Schedule:
    """Let a project's recurring templates make tasks; called in ``AppConfig.ready()``.

    Args:
        model: The project's ``RecurringTaskTemplate``.
        records: The project's ``RecurringTaskRecord``.
        fields: What texts may use of a template, ``{"property_name": "property__name"}``; ``day``
            is the day of the task.
        shape: How tasks are written; ``from_subject`` names paths from the template.

    Raises:
        SubjectError: A path is not a field or relation.
    """
    subject = make_subject(
        model,
        key=model._meta.label_lower,
        templates=model,
        records=records,
        fields=fields,
        anchors={},
        time_zone="time_zone",
        cancelled=None,
        shape=shape,
    )
    subject = replace(subject, fields={**subject.fields, "day": DAY})
    SCHEDULES[model] = Schedule(model=model, records=records, subject=subject)
    return SCHEDULES[model]


def get_schedule(model: type[Model]) -> Schedule:
    """Return what is registered for a model of templates.

    Raises:
        SubjectError: Nothing is.
    """
    if model not in SCHEDULES:
        raise SubjectError(
            f"{model.__name__} is not registered: call register_schedule() in the ready() of an "
            "application."
        )
    return SCHEDULES[model]


def list_schedules() -> list[Schedule]:
    """Return all registered schedules."""
    return list(SCHEDULES.values())


def plan_schedules(schedule: Schedule, now: datetime.datetime | None = None) -> list[ScheduleStep]:
    """Return the tasks that active templates ask for from today on, and that are not there yet.

    A template whose rule or text is wrong is logged and left out.

    Costs three queries, whatever the number of templates and days.
    """
    moment = now or timezone.now()
    names = [*schedule.subject.fields, *schedule.subject.shape.from_subject]
    paths = [str(field.source) for field in schedule.subject.fields.values()]
    paths += schedule.subject.shape.from_subject.values()
    active = schedule.model._default_manager.filter(is_active=True).order_by("pk")
    pairs = zip(active, active.values_list(*paths), strict=True)
    known = _load_days(schedule)
    steps: list[ScheduleStep] = []
    for template, values in pairs:
        try:
            facts = dict(zip(names, values, strict=True))
            steps += _plan_template(schedule, template, facts, known[template.pk], moment)
        except (RuleInvalid, TextInvalid):
            logger.exception("The recurring template %s (%s) failed", template, template.pk)
    return steps


def run_schedules(schedule: Schedule, now: datetime.datetime | None = None) -> int:
    """Make the tasks that active templates ask for.

    Returns:
        How many were made. Running again makes none twice, workers at once neither.

    Costs at most six queries, and two more for each 1,000 tasks.
    """
    with transaction.atomic(using=router.db_for_write(schedule.records)):
        lock_templates(schedule.subject, schedule.model._default_manager.filter(is_active=True))
        steps = plan_schedules(schedule, now)
        if steps:
            _make_tasks(schedule, steps)
    return len(steps)


def _make_tasks(schedule: Schedule, steps: Sequence[ScheduleStep]) -> None:
    subject, shape = schedule.subject, schedule.subject.shape
    columns = list(steps[0].values)
    keys = shape.insert(
        subject.tasks(), columns, [[step.values[name] for name in columns] for step in steps]
    )
    shape.insert(
        schedule.records(),
        ["template_id", "day", "task_id"],
        [[step.template.pk, step.day, key] for step, key in zip(steps, keys, strict=True)],
    )
    if shape.made is not None:
        shape.made([(key, step.template) for key, step in zip(keys, steps, strict=True)])


def _load_days(schedule: Schedule) -> dict[Any, set[datetime.date]]:
    found: dict[Any, set[datetime.date]] = defaultdict(set)
    for template_id, day in schedule.records._base_manager.values_list("template_id", "day"):
        found[template_id].add(day)
    return found


def _plan_template(
    schedule: Schedule,
    template: Any,
    facts: Mapping[str, Any],
    known: set[datetime.date],
    moment: datetime.datetime,
) -> Sequence[ScheduleStep]:
    today = moment.astimezone(find_zone(template.time_zone)).date()
    last = today + datetime.timedelta(days=template.horizon_days)
    steps = draft_tasks(schedule, template, facts, first=today, last=last)
    return [step for step in steps if step.day not in known]


def read_facts(schedule: Schedule, template: Any) -> dict[str, Any]:
    """Return what texts may say of a template, which need not be stored, and what tasks take of it.

    Costs a query for each row that it leads to and that is not loaded.
    """
    fields = {name: str(field.source) for name, field in schedule.subject.fields.items()}
    paths = {**fields, **schedule.subject.shape.from_subject}
    return {name: _follow(template, path) for name, path in paths.items()}


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name, None)
    return row.pk if isinstance(row, Model) else row


def draft_tasks(
    schedule: Schedule,
    template: Any,
    facts: Mapping[str, Any],
    *,
    first: datetime.date,
    last: datetime.date,
) -> list[ScheduleStep]:
    """Return the tasks that a template asks for, whether they are there or not.

    Args:
        schedule: The template's schedule.
        template: Active or not.
        facts: What texts may say, and what tasks take of it; see :func:`read_facts`.
        first: The first day.
        last: The last one.

    Raises:
        RuleInvalid, TextInvalid: It cannot be understood.

    Costs no query.
    """
    zone = find_zone(template.time_zone)
    subject, shape = schedule.subject, schedule.subject.shape
    title, description = (
        compile_text(text, subject) for text in (template.title, template.description)
    )
    days = find_days(
        template.rule,
        start=template.first_day,
        first=max(first, template.first_day),
        last=last,
        exceptions=template.exceptions,
    )
    steps = []
    for day in days:
        due_at = datetime.datetime.combine(day, template.time_of_day, zone)
        values = {**facts, "day": day}
        columns = {
            shape.due_at: due_at,
            shape.title: title.render(values, zone),
            shape.description: description.render(values, zone),
            **{column: facts[column] for column in shape.from_subject},
            **{column: getattr(template, name) for column, name in shape.from_template.items()},
        }
        if shape.assignee:
            columns[f"{shape.assignee}_id"] = getattr(template, "assignee_id", None)
        steps.append(ScheduleStep(template=template, day=day, due_at=due_at, values=columns))
    return steps
