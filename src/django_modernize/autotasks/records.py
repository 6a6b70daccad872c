"""Load the records of rules for subjects in one query, and their tasks in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import CharField, Exists, ExpressionWrapper, Field, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from .keys import filter_keys, match_any
from .subjects import Subject

__all__ = ["RecordRow", "Records", "find_open", "load_records", "load_tasks"]


class RecordRow(NamedTuple):
    """One record, with what matters of its task."""

    id: Any
    template_id: Any
    subject_id: str
    occurrence: str
    template_version: int
    state: str
    inputs: str
    task_id: Any
    is_open: bool
    """Whether there is a task that automation may touch."""


Records = Mapping[tuple[str, str], RecordRow]
"""The records of one template, by subject and occurrence."""


def load_records(
    subject: Subject,
    templates: Sequence[Any],
    queryset: QuerySet[Any],
    keys: Sequence[str],
    missing: Sequence[str],
) -> dict[Any, Records]:
    """Return the records of templates for subjects, by template, then by subject and occurrence.

    Args:
        subject: What the templates are about.
        templates: Whose records are asked for.
        queryset: The subjects.
        keys: Their keys.
        missing: Keys of subjects whose row is gone.

    Costs one query, none for templates that are not saved.
    """
    stored = [one for one in templates if one.pk is not None]
    if not stored:
        return {}
    touchable = subject.tasks._default_manager.filter(subject.shape.open, pk=OuterRef("task_id"))
    rows = (
        subject.records._base_manager.filter(subject_key=subject.key, template__in=stored)
        .filter(_match_keys(queryset, keys, missing))
        # Of no certain type, since SQLite's booleans are converted one by one.
        .annotate(is_open=ExpressionWrapper(Exists(touchable), output_field=Field()))
        .values_list(*RecordRow._fields)
    )
    found: dict[Any, dict[tuple[str, str], RecordRow]] = defaultdict(dict)
    for record in map(RecordRow._make, rows):
        found[record.template_id][record.subject_id, record.occurrence] = record
    return dict(found)


def load_tasks(subject: Subject, task_ids: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Return what tasks hold, by their key: what a plan may change, and the locks.

    Costs one query, none without keys.
    """
    if not task_ids:
        return {}
    shape = subject.shape
    names = [*_list_written_columns(subject), *shape.cancel]
    names += [shape.locked] if shape.locked else []
    tasks = filter_keys(subject.tasks._base_manager.all(), task_ids)
    return {row.pop("pk"): row for row in tasks.values("pk", *names)}


def find_open(subject: Subject, task_ids: Sequence[Any]) -> set[Any]:
    """Return the keys of those tasks that automation may touch. Costs one query."""
    tasks = filter_keys(subject.tasks._default_manager.filter(subject.shape.open), task_ids)
    return set(tasks.values_list("pk", flat=True))


def _list_written_columns(subject: Subject) -> tuple[str, ...]:
    """Return the task's columns that a plan may change."""
    shape = subject.shape
    assignee = (f"{shape.assignee}_id",) if shape.assignee else ()
    bounds = [name for name in (shape.earliest, shape.latest) if name is not None]
    return (shape.due_at, *bounds, shape.title, shape.description, *assignee, *shape.from_subject)


def _match_keys(queryset: QuerySet[Any], keys: Sequence[str], missing: Sequence[str]) -> Any:
    """Return the condition that picks the records of subjects, in one statement for any number."""
    if connections[queryset.db].vendor == "sqlite":
        # It bounds the number of parameters, and makes an index of a subquery.
        subquery = queryset.order_by().values(text_key=Cast("pk", CharField()))
        return Q(subject_id__in=subquery) | Q(subject_id__in=missing)
    # A list is hashed; a join of two tables whose size PostgreSQL does not know yet may be
    # carried out as nested loops, which took 15 s for 10,000 subjects.
    return match_any("subject_id", [*keys, *missing])
