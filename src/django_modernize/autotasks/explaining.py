"""Explain where a task came from, and why a subject has or does not have one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from .absences import find_absence
from .choices import ChoiceNames
from .deadlines import Deadlines
from .describing import TraceLine, trace_condition
from .rows import load_subjects
from .rules import compile_rules
from .steps import Cause, Reason
from .subjects import get_subject, list_subjects

__all__ = [
    "Explanation",
    "Trace",
    "TraceRow",
    "explain",
    "explain_pair",
    "trace_coming",
    "trace_pair",
    "trace_rows",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Where a task came from."""

    record: Any
    template: Any
    template_version: int
    """The version of the template when the task was created or last updated."""

    subject_key: str
    subject_id: str
    made_at: datetime.datetime
    reason: dict[str, Any]
    """The reason at that time."""

    today: Reason
    """The reason now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRow:
    """Whether a template has a task for one of several subjects, and why."""

    subject: Any
    reason: Reason
    due_at: datetime.datetime | None

    @property
    def holds(self) -> bool:
        """Whether it has a task, or would have one."""
        return self.reason.cause is Cause.HOLDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Why a template has or does not have a task for a subject."""

    reason: Reason
    due_at: datetime.datetime | None = None
    """When its task is or would be due."""

    lines: tuple[TraceLine, ...] = ()
    """Each node of the condition with its result."""


def explain(task: Model) -> Explanation | None:
    """Return where a task came from, or ``None`` if no template created it.

    Costs three queries: one for the record with its template, and two for its subject.
    """
    for model in {subject.records for subject in list_subjects()}:
        record: Any = model._base_manager.filter(task=task.pk).select_related("template").first()
        if record is not None:
            return Explanation(
                record=record,
                template=record.template,
                template_version=record.template_version,
                subject_key=record.subject_key,
                subject_id=record.subject_id,
                made_at=record.created_at,
                reason=record.reason,
                today=explain_pair(record.template, record.subject_id),
            )
    return None


def explain_pair(template: Any, subject_id: Any) -> Reason:
    """Return why a template has or does not have a task for a subject.

    Costs one query.
    """
    return trace_pair(template, subject_id).reason


def trace_pair(template: Any, subject_id: Any) -> Trace:
    """Return why a template has or does not have a task for a subject, with each comparison.

    Costs one query, and one more for each foreign key that the condition compares.
    """
    subject = get_subject(template.subject_key)
    [rule] = compile_rules(subject, [template])
    rows = load_subjects(subject, [rule], subject.model._base_manager.filter(pk=subject_id))
    deadlines = Deadlines(rule, rows, timezone.now())
    row = next(iter(rows.loaded), None)
    reason = find_absence(deadlines, row)
    if row is None:
        return Trace(reason=reason)
    due_at, _cause = deadlines.find_due(row)
    lines = tuple(trace_condition(rule.condition, rows.find_facts(row), ChoiceNames()))
    return Trace(reason=reason, due_at=due_at, lines=lines)


def trace_coming(template: Any, *, limit: int = 50) -> list[TraceRow]:
    """Return whether and why a template has a task for each of the next upcoming subjects.

    Args:
        template: The template.
        limit: The maximum number of subjects.

    Costs two queries.
    """
    subject = template.subject
    anchor = subject.anchors[template.anchor]
    coming = subject.model._default_manager.filter(**{f"{anchor}__gte": timezone.now()})
    return trace_rows(template, coming.order_by(anchor, "pk")[:limit])


def trace_rows(template: Any, subjects: QuerySet[Any]) -> list[TraceRow]:
    """Return whether and why a template has a task for each of the given subjects.

    Costs two queries.
    """
    subject = get_subject(template.subject_key)
    [rule] = compile_rules(subject, [template])
    instances = list(subjects)
    queryset = subject.model._base_manager.filter(pk__in=[one.pk for one in instances])
    rows = load_subjects(subject, [rule], queryset)
    deadlines = Deadlines(rule, rows, timezone.now())
    found = []
    for one in instances:
        row = rows.by_key.get(str(one.pk))
        due_at = None if row is None else deadlines.find_due(row)[0]
        zone = None if row is None else rows.find_zone(row)
        found.append(
            TraceRow(
                subject=one,
                reason=find_absence(deadlines, row),
                due_at=due_at and due_at.astimezone(zone),
            )
        )
    return found
