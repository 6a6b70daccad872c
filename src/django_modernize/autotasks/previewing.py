"""Preview what a template would do if saved, and what it would have done in the past."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from .models import ChangePolicy, RecordState, Trigger
from .occasions import list_occasions
from .planning import plan_subject
from .running import run_subject
from .steps import Action, Occasion, Plan

__all__ = ["backtest", "compare_policies", "preview_template", "save_template"]


def preview_template(template: Any, *, now: datetime.datetime | None = None) -> Plan:
    """Return what saving a template would do to open tasks, and for subjects without one.

    Args:
        template: A new template, or a stored one with unsaved changes. It is not modified. Its
            ``change_policy`` decides what happens to open tasks. If it is no longer active, they
            are cancelled or left alone.
        now: The time to plan for. Defaults to the current time.

    Raises:
        ConditionInvalid, TextInvalid: The template is invalid.

    Costs three queries, or four if open tasks change, whatever the number of subjects and tasks.
    """
    draft = copy.copy(template)
    if draft.pk is not None and draft.has_new_rule():
        draft.version += 1
    subject = draft.subject
    return plan_subject(
        subject,
        [draft],
        subject.model._base_manager.all(),
        occasions=(),
        now=now or timezone.now(),
    )


def compare_policies(template: Any) -> dict[str, Plan]:
    """Return what saving a template would do under each policy for open tasks.

    Args:
        template: A stored template with unsaved changes. It is not modified.

    Returns:
        A plan for each policy, or nothing if no open task is affected.

    Costs at most three queries if no open task is affected, and otherwise twice a preview.
    """
    if template.pk is None or not _concerns_open_tasks(template):
        return {}
    found = {}
    for policy in ChangePolicy.values:
        draft = copy.copy(template)
        draft.change_policy = policy
        found[policy] = preview_template(draft)
    return found


def save_template(template: Any) -> dict[Action, int]:
    """Save a template, and do what :func:`preview_template` shows.

    Returns:
        The number of tasks created, moved, cancelled and so on.

    Costs the same as saving, and as :func:`run_subject` for all subjects.
    """
    template.save()
    return run_subject(template.subject, templates=[template])


def backtest(
    template: Any,
    first: datetime.date,
    last: datetime.date,
    *,
    now: datetime.datetime | None = None,
) -> Plan:
    """Return the tasks that a template would have created for subjects in the past.

    Subjects are used as stored today. For templates that wait for something to happen, the
    occasions are read from the audit trail.

    Args:
        template: A template, saved or not. It is not modified.
        first: The first day of the anchor to include.
        last: The last day of the anchor to include.
        now: The current time, unless another is given.

    Costs two queries, or three if the trail is read.
    """
    draft = copy.copy(template)
    draft.pk, draft.is_active, draft.skip_past = None, True, False
    if draft.trigger == Trigger.BY_DATE:
        draft.trigger = Trigger.CREATED
    subject = draft.subject
    path = subject.anchors[draft.anchor]
    end = last + datetime.timedelta(days=1)
    days = Q((f"{path}__gte", _begin(first))) & Q((f"{path}__lt", _begin(end)))
    return plan_subject(
        subject,
        [draft],
        subject.model._base_manager.filter(days),
        occasions=_find_past(draft),
        now=now or timezone.now(),
    )


def _concerns_open_tasks(template: Any) -> bool:
    stored = type(template)._base_manager.filter(pk=template.pk)
    switched_off = not template.is_active and stored.filter(is_active=True).exists()
    if not switched_off and not (template.is_active and template.has_new_rule()):
        return False
    subject = template.subject
    return bool(
        subject.records._base_manager.filter(template=template.pk, state=RecordState.OPEN)
        .filter(task__in=subject.tasks._default_manager.filter(subject.shape.open))
        .exists()
    )


def _begin(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _find_past(template: Any) -> tuple[Occasion, ...]:
    if template.trigger in (Trigger.CREATED, Trigger.BY_DATE, Trigger.BY_HAND):
        return ()
    from ..audit.models import AuditEvent  # requires the trail to be installed

    subject = template.subject
    events = AuditEvent._base_manager.filter(object_type=subject.model._meta.label_lower)
    told = events.exclude(action="create").order_by("id")
    return tuple(one for one in list_occasions(subject, told) if one.trigger == template.trigger)
