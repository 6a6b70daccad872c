"""A plan as people read it: what is done with whose task, when, and why."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from ..choices import ChoiceNames
from ..describing import describe_reason
from ..models import ChangePolicy
from ..schedule_changes import ScheduleChange, plan_schedule_changes
from ..steps import Action, Plan, Step
from ..subjects import Subject
from ..timing import find_zone

__all__ = [
    "ACTIONS",
    "Preview",
    "PreviewLine",
    "ask_about_planned_tasks",
    "describe_counts",
    "make_preview",
]

SHOWN: Final = 50

ACTIONS: Final = {
    Action.CREATE: ngettext_lazy("new task", "new tasks", 1),
    Action.MOVE: _("changed"),
    Action.REASSIGN: _("given to somebody else"),
    Action.CANCEL: _("cancelled"),
    Action.REOPEN: _("brought back"),
    Action.KEEP: _("left as it is"),
    Action.SKIP: _("no task"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewLine:
    """One step."""

    action: str
    label: Any
    subject: str
    due_at: datetime.datetime | None
    """By the clock of the subject."""

    latest_at: datetime.datetime | None
    """Until when it may be done, where the step writes it."""

    title: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A plan in words."""

    counts: Sequence[tuple[str, Any, int]]
    """Action, label and number, of those that there are."""

    lines: Sequence[PreviewLine]
    more: int
    """How many steps are not shown."""

    first: datetime.date | None = None
    last: datetime.date | None = None
    """The days of a backtest."""


def make_preview(
    plan: Plan, *, first: datetime.date | None = None, last: datetime.date | None = None
) -> Preview:
    """Return a plan in words, its first fifty steps by their time.

    Costs one query, one more where a condition compares a key to another row, and one where the
    subjects' clocks are asked for.
    """
    steps = sorted(plan.steps, key=lambda step: (step.due_at is None, step.due_at, str(step.key)))
    return Preview(
        counts=_tell_counts(plan.count_actions()),
        lines=_describe_steps(plan.subject, steps[:SHOWN]),
        more=max(0, len(steps) - SHOWN),
        first=first,
        last=last,
    )


def _describe_steps(subject: Subject, steps: Sequence[Step]) -> list[PreviewLine]:
    rows = subject.model._base_manager.filter(pk__in=[step.subject_id for step in steps])
    names = {str(row.pk): str(row) for row in rows}
    zones: dict[str, str] = {}
    if subject.time_zone:
        zones = {str(pk): zone for pk, zone in rows.values_list("pk", subject.time_zone)}
    called = ChoiceNames()

    def find_local(step: Step, instant: datetime.datetime | None) -> datetime.datetime | None:
        """Return an instant by the clock of a step's subject."""
        return instant and instant.astimezone(find_zone(zones.get(str(step.subject_id))))

    return [
        PreviewLine(
            action=step.action.value,
            label=name_action(step.action, 1),
            subject=names.get(str(step.subject_id), str(step.subject_id)),
            due_at=find_local(step, step.due_at),
            latest_at=find_local(step, step.values.get(subject.shape.latest or "")),
            title=str(step.values.get(subject.shape.title, "")),
            reason=describe_reason(step.reason, called),
        )
        for step in steps
    ]


def ask_about_planned_tasks(before: Any, after: Any) -> dict[str, Preview] | None:
    """Return what a changed schedule would make of the tasks that it has planned ahead.

    Args:
        before: The recurring template as it is stored.
        after: The same with its changes.

    Returns:
        Both answers, ``leave`` and ``update``, as policy to preview; nothing where no task would be
        changed or cancelled, which is no question.

    Costs as :func:`.plan_schedule_changes`.
    """
    changes = plan_schedule_changes(before, after)
    if all(one.action is Action.REOPEN for one in changes):
        return None
    left = _tell_counts({Action.KEEP: len(changes)})
    return {
        ChangePolicy.LEAVE.value: Preview(counts=left, lines=[], more=0),
        ChangePolicy.UPDATE.value: _preview_changes(changes),
    }


def _preview_changes(changes: Sequence[ScheduleChange]) -> Preview:
    shown = changes[:SHOWN]
    return Preview(
        counts=_tell_counts(Counter(one.action for one in changes)),
        lines=[
            PreviewLine(
                action=one.action.value,
                label=name_action(one.action, 1),
                subject=date_format(one.day, "SHORT_DATE_FORMAT"),
                due_at=one.due_at.astimezone(find_zone(one.template.time_zone)),
                latest_at=None,
                title=one.title,
                reason=_explain_change(one),
            )
            for one in shown
        ],
        more=len(changes) - len(shown),
    )


def _explain_change(change: ScheduleChange) -> str:
    if change.action is Action.REOPEN:
        return gettext("the schedule comes on this day again")
    if change.action is not Action.CANCEL:
        return gettext("the schedule is changed")
    if change.template.is_active:
        return gettext("the schedule no longer comes on this day")
    return gettext("the schedule is switched off")


def _tell_counts(counts: Mapping[Action, int]) -> list[tuple[str, Any, int]]:
    """Return action, label and number, of those that there are."""
    return [
        (one.value, name_action(one, count), count)
        for one in ACTIONS
        if (count := counts.get(one, 0))
    ]


def name_action(action: Action, count: int) -> str:
    """Return what is done with so many tasks, in words that fit the number."""
    if action is Action.CREATE:
        return ngettext("new task", "new tasks", count)
    return str(ACTIONS[action])


def describe_counts(counts: Mapping[Action, int]) -> str:
    """Return in words how many tasks were made, moved and so on."""
    told = [f"{count} {name_action(one, count)}" for one, count in counts.items() if count]
    return ", ".join(told) or gettext("none")
