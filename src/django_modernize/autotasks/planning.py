"""Plan what templates would do for subjects, and why, without doing it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from .comparing import compare_tasks
from .exceptions import SubjectError
from .reconciling import Findings, Reconciler
from .records import load_records
from .rows import load_subjects
from .rules import compile_rules
from .steps import Occasion, Plan
from .subjects import Subject, get_subject, list_subjects
from .turns import load_turns

__all__ = ["load_templates", "plan", "plan_subject"]


def plan(
    subjects: QuerySet[Any] | Iterable[Model],
    templates: QuerySet[Any] | Iterable[Model] | None = None,
    *,
    occasions: Iterable[Occasion] = (),
    now: datetime.datetime | None = None,
) -> Plan:
    """Return what templates would do for subjects.

    Args:
        subjects: Rows of a registered model, as a queryset or instances.
        templates: Templates, saved or not; by default all active ones for that model.
        occasions: What just happened, for templates that wait for something to happen.
        now: The time to plan for. Defaults to the current time.

    Returns:
        The plan. Nothing is written until you pass it to :func:`apply`.

    Raises:
        SubjectError: The model is not registered.

    Costs two queries, whatever the number of subjects and templates. One more if templates have to
    be loaded, one if people take turns, and one if inputs of tasks have changed.
    """
    model = subjects.model if isinstance(subjects, QuerySet) else None
    rows = subjects if isinstance(subjects, QuerySet) else list(subjects)
    if model is None:
        model = type(rows[0]) if rows else None
    subject = _find_subject(model)
    if not isinstance(rows, QuerySet):
        rows = subject.model._base_manager.filter(pk__in=[one.pk for one in rows])
    chosen = load_templates(subject) if templates is None else list(templates)
    return plan_subject(
        subject, chosen, rows, occasions=tuple(occasions), now=now or timezone.now()
    )


def plan_subject(
    subject: Subject,
    templates: Sequence[Any],
    queryset: QuerySet[Any],
    *,
    occasions: tuple[Occasion, ...],
    now: datetime.datetime,
    missing: Sequence[Any] = (),
) -> Plan:
    """Return the plan for one kind of subject; see :func:`plan`.

    Args:
        subject: What the templates are about.
        templates: The templates.
        queryset: The subjects, the deleted ones included.
        occasions: What just happened.
        now: The time to plan for.
        missing: Keys of subjects whose row may be gone.
    """
    rules = compile_rules(subject, templates)
    rows = load_subjects(subject, rules, queryset)
    gone = [str(key) for key in missing]
    records = load_records(subject, templates, queryset, list(rows.by_key), gone)
    by_trigger: dict[str, list[Occasion]] = defaultdict(list)
    for occasion in occasions:
        by_trigger[occasion.trigger].append(occasion)
    findings = Findings(turns=load_turns(subject, templates))
    for index, rule in enumerate(rules):
        Reconciler(
            index=index,
            rule=rule,
            rows=rows,
            records=records.get(rule.template.pk, {}),
            occasions=by_trigger.get(rule.template.trigger, ()),
            now=now,
            findings=findings,
        ).reconcile()
    compare_tasks(subject, findings)
    return Plan(
        subject=subject,
        templates=tuple(templates),
        subject_ids=tuple(row[0] for row in rows.loaded),
        occasions=occasions,
        now=now,
        steps=tuple(findings.steps),
        kept=findings.kept,
        turns=dict(findings.turns.given),
        outdated=tuple(findings.outdated),
        tasks=findings.tasks,
    )


def load_templates(subject: Subject) -> list[Any]:
    """Return the active templates about a kind of subject, in their order.

    Costs one query.
    """
    return list(subject.templates._default_manager.filter(is_active=True, subject_key=subject.key))


def _find_subject(model: type[Model] | None) -> Subject:
    found = [one for one in list_subjects() if model and issubclass(model, one.model)]
    if not found:
        name = model.__name__ if model else "Nothing"
        raise SubjectError(f"{name} is not a registered subject of automatic tasks.")
    return get_subject(found[0].key)
