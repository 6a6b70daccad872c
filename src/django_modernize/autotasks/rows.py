"""Load subjects in one query, and read their rows."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from .columns import SubjectColumns
from .conditions.evaluation import Facts, evaluate
from .links import KeyLists
from .rules import Rule
from .subjects import Subject
from .timing import find_zone

__all__ = ["Row", "SubjectRows", "load_subjects"]

Row = tuple[Any, ...]
"""A subject as the database gave it; its key comes first."""


class Instants(dict[str | None, datetime.datetime | None]):
    """Instants by their text, each read once."""

    def __init__(self, zone: datetime.tzinfo) -> None:
        super().__init__({None: None})
        self.zone = zone

    def __missing__(self, text: str) -> datetime.datetime | None:
        """Read a text that has not been seen before."""
        instant = parse_datetime(text)
        if instant is not None:
            instant = make_aware(instant, self.zone) if is_naive(instant) else instant
        self[text] = instant
        return instant


@dataclass(frozen=True)
class SubjectRows:
    """The subjects of one plan."""

    columns: SubjectColumns
    loaded: Sequence[Row]
    instants: Mapping[Any, Any]
    digests: dict[Any, str] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """What the rows are."""
        return self.columns.subject

    @cached_property
    def by_key(self) -> dict[str, Row]:
        """The subjects by their key as text."""
        return {str(row[0]): row for row in self.loaded}

    @cached_property
    def living(self) -> list[Row]:
        """The subjects that are neither deleted nor cancelled."""
        deleted, cancelled = self._deleted, self._cancelled
        return [row for row in self.loaded if not (row[deleted] or row[cancelled])]

    @cached_property
    def _deleted(self) -> int:
        return self.columns.places["is_deleted_now"]

    @cached_property
    def _cancelled(self) -> int:
        return self.columns.places["is_cancelled_now"]

    def lives(self, row: Row) -> bool:
        """Return whether a subject is neither deleted nor cancelled."""
        return not (self.is_deleted(row) or self.is_cancelled(row))

    def is_deleted(self, row: Row) -> bool:
        """Return whether a subject is deleted."""
        return bool(row[self._deleted])

    def is_cancelled(self, row: Row) -> bool:
        """Return whether a subject no longer needs its tasks."""
        return bool(row[self._cancelled])

    def find_matching(self, index: int) -> Iterable[Row]:
        """Return the living subjects for which the condition of a rule holds.

        Args:
            index: The rule's place among the rules.
        """
        rule = self.columns.rules[index]
        if rule.is_answered_by_database:
            return self._rows_by_rule[index]
        return (row for row in self.living if evaluate(rule.condition, self.find_facts(row)).holds)

    @cached_property
    def _rows_by_rule(self) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for name, indexes in self.columns.answers.items():
            place = self.columns.places[name]
            lists: dict[int, list[list[Row]]] = {}
            for row in self.living:
                answers = row[place]
                if answers not in lists:
                    holding = [index for bit, index in enumerate(indexes) if answers >> bit & 1]
                    lists[answers] = [found[index] for index in holding]
                for rows in lists[answers]:
                    rows.append(row)
        return found

    def find_value(self, row: Row, name: str) -> Any:
        """Return what a column holds."""
        value = row[self.columns.places[name]]
        return self.instants[value] if name in self.columns.instants else value

    def find_zone(self, row: Row) -> ZoneInfo:
        """Return a subject's time zone."""
        path = self.subject.time_zone
        return find_zone(row[self.columns.places[path]] if path else None)

    def find_facts(self, row: Row, changes: Any = ()) -> Facts:
        """Return what is known of a subject."""
        values = {name: row[place] for name, place in self._places}
        for name, readable in self._readable:
            values[name] = readable[values[name]]
        return Facts(values=values, zone=self.find_zone(row), changes=dict(changes))

    @cached_property
    def _places(self) -> list[tuple[str, int]]:
        fields, places = self.columns.fields, self.columns.places
        return [(name, places[one.query_name]) for name, one in fields.items()]

    @cached_property
    def _readable(self) -> list[tuple[str, Mapping[Any, Any]]]:
        """The fields that come as texts, with what the texts mean."""
        fields = self.columns.fields.items()
        instants = [name for name, one in fields if one.query_name in self.columns.instants]
        links = [(name, KeyLists(one.link)) for name, one in fields if one.link is not None]
        return [*((name, self.instants) for name in instants), *links]

    def digest_inputs(self, row: Row, rule: Rule) -> str:
        """Return a digest of all that a task of a rule is made from, with the rule's version."""
        key = row[0]
        if key not in self.digests:
            self.digests[key] = _digest(row[: len(self.columns.inputs)])
        digest = self.digests[key]
        if rule.computed_inputs:
            digest = _digest((digest, *(row[place] for place in self._find_computed(rule))))
        return f"{digest}{rule.version:x}"

    def _find_computed(self, rule: Rule) -> list[int]:
        fields, places = self.columns.fields, self.columns.places
        return [places[fields[name].query_name] for name in rule.computed_inputs]


def load_subjects(subject: Subject, rules: Sequence[Rule], queryset: QuerySet[Any]) -> SubjectRows:
    """Return subjects, the deleted ones included, with which rules hold for them.

    Costs one query.
    """
    columns = SubjectColumns(subject, rules)
    rows = queryset.order_by().values_list(*columns.sources.values())
    zone = connections[queryset.db].timezone or datetime.UTC
    return SubjectRows(columns=columns, loaded=list(rows), instants=Instants(zone))


def _digest(values: Row) -> str:
    return hashlib.blake2b(repr(values).encode(), digest_size=12).hexdigest()
