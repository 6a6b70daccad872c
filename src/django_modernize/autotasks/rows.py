"""Loads what planning needs, in one statement for the subjects and one for the records."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import (
    Case,
    CharField,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast

from .conditions.evaluation import Facts
from .conditions.queries import make_query
from .rules import Rule
from .subjects import Subject, SubjectField
from .timing import find_zone

__all__ = ["RecordRow", "SubjectRows", "list_written_columns", "load_records", "load_tasks"]


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


@dataclass(frozen=True)
class SubjectRows:
    """The subjects of one plan, as rows of values."""

    subject: Subject
    rules: Sequence[Rule]
    queryset: QuerySet[Any]

    @cached_property
    def fields(self) -> dict[str, SubjectField]:
        """The subject's fields, of the computed ones only those that a rule uses."""
        used = {name for rule in self.rules for name in rule.computed_fields}
        return {
            name: field
            for name, field in self.subject.fields.items()
            if isinstance(field.source, str) or name in used
        }

    @cached_property
    def columns(self) -> dict[str, int]:
        """Query name to its place in a row."""
        shape = self.subject.shape
        names = ["pk", "is_deleted_now", "is_cancelled_now"]
        if self.subject.time_zone:
            names.append(self.subject.time_zone)
        names += self.subject.anchors.values()
        names += [field.query_name for field in self.fields.values()]
        names += shape.from_subject.values()
        names += [f"holds_{index}" for index in self._answered]
        return {name: place for place, name in enumerate(dict.fromkeys(names))}

    @cached_property
    def _answered(self) -> list[int]:
        return [index for index, rule in enumerate(self.rules) if rule.is_answered_by_database]

    @cached_property
    def input_places(self) -> list[int]:
        """The places of all that a task can be made from."""
        return [
            place
            for name, place in self.columns.items()
            if name not in ("is_deleted_now", "is_cancelled_now")
            and not name.startswith(("holds_", "computed_"))
        ]

    def load(self) -> list[tuple[Any, ...]]:
        """Return the rows, the deleted ones included.

        Costs one query.
        """
        computed = {
            field.query_name: field.source
            for field in self.fields.values()
            if not isinstance(field.source, str)
        }
        holds = {
            f"holds_{index}": _make_flag(make_query(self.rules[index].condition))
            for index in self._answered
        }
        marker = getattr(self.subject.model, "deletion_marker", None)
        deleted = Q((f"{marker}__isnull", False)) if marker else Q(pk__in=[])
        rows = (
            self.queryset.order_by()
            .annotate(**computed)
            .annotate(
                is_deleted_now=_make_flag(deleted),
                is_cancelled_now=_make_flag(self.subject.cancelled or Q(pk__in=[])),
                **holds,
            )
        )
        return list(rows.values_list(*self.columns))

    def find_flag(self, index: int) -> int | None:
        """Return the place of the answer of the database for a rule, ``None`` without one."""
        return self.columns.get(f"holds_{index}")

    def find_zone(self, row: tuple[Any, ...]) -> ZoneInfo:
        """Return a subject's time zone."""
        path = self.subject.time_zone
        return find_zone(row[self.columns[path]] if path else None)

    def find_facts(self, row: tuple[Any, ...], changes: Any = ()) -> Facts:
        """Return what is known of a subject."""
        values = {name: row[self.columns[field.query_name]] for name, field in self.fields.items()}
        return Facts(values=values, zone=self.find_zone(row), changes=dict(changes))

    def digest_inputs(self, row: tuple[Any, ...]) -> str:
        """Return a digest of all that a subject's tasks are made from, but what is computed."""
        return _digest([row[place] for place in self.input_places])

    def digest_computed(self, row: tuple[Any, ...], rule: Rule, digest: str) -> str:
        """Return a digest that counts what is computed for the texts of a rule as well."""
        if not rule.computed_inputs:
            return digest
        places = [self.columns[self.fields[name].query_name] for name in rule.computed_inputs]
        return _digest([digest, *(row[place] for place in places)])


def load_records(
    subject: Subject,
    templates: Sequence[Any],
    queryset: QuerySet[Any],
    keys: Sequence[str],
    missing: Sequence[str],
) -> dict[Any, dict[tuple[str, str], RecordRow]]:
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
        .annotate(is_open=Exists(touchable))
        .values_list(*RecordRow._fields)
    )
    found: dict[Any, dict[tuple[str, str], RecordRow]] = defaultdict(dict)
    for row in rows:
        record = RecordRow(*row)
        found[record.template_id][record.subject_id, record.occurrence] = record
    return found


def load_tasks(subject: Subject, task_ids: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Return what tasks hold, by their key: what a plan may change, and the locks.

    Costs one query, none without keys.
    """
    if not task_ids:
        return {}
    shape = subject.shape
    names = [*list_written_columns(subject), *shape.cancel]
    names += [shape.locked] if shape.locked else []
    tasks = subject.tasks._base_manager.filter(pk__in=task_ids)
    return {row.pop("pk"): row for row in tasks.values("pk", *names)}


def list_written_columns(subject: Subject) -> tuple[str, ...]:
    """Return the task's columns that a plan may change."""
    shape = subject.shape
    assignee = (f"{shape.assignee}_id",) if shape.assignee else ()
    return (shape.due_at, shape.title, shape.description, *assignee, *shape.from_subject)


def _match_keys(queryset: QuerySet[Any], keys: Sequence[str], missing: Sequence[str]) -> Q:
    """Return the condition that picks the records of subjects, in one statement for any number."""
    if connections[queryset.db].vendor == "sqlite":
        # It bounds the number of parameters, and makes an index of a subquery.
        subquery = queryset.order_by().values(text_key=Cast("pk", CharField()))
        return Q(subject_id__in=subquery) | Q(subject_id__in=missing)
    # A list is hashed; a join of two tables whose size PostgreSQL does not know yet may be
    # carried out as nested loops, which took 15 s for 10,000 subjects.
    return Q(subject_id__in=[*keys, *missing])


def _digest(values: list[Any]) -> str:
    return hashlib.blake2b(repr(values).encode(), digest_size=12).hexdigest()


def _make_flag(query: Q) -> Case:
    # A number, since SQLite's booleans are converted one by one.
    return Case(When(query, then=Value(1)), default=Value(0), output_field=IntegerField())
