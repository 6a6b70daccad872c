"""The columns of subjects that planning selects, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import (
    Case,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from .conditions.queries import make_query
from .kinds import Kind
from .rules import Rule
from .subjects import Subject, SubjectField, follow_path

__all__ = ["SubjectColumns"]

RULES_PER_NUMBER: Final = 30
"""How many rules share one number, with a bit each. More would not fit PostgreSQL's integer."""


@dataclass(frozen=True)
class SubjectColumns:
    """The columns of subjects that one plan needs."""

    subject: Subject
    rules: Sequence[Rule]

    @cached_property
    def fields(self) -> dict[str, SubjectField]:
        """The subject's fields, including computed ones only if a rule uses them."""
        used = {name for rule in self.rules for name in rule.computed_fields}
        return {
            name: field
            for name, field in self.subject.fields.items()
            if isinstance(field.source, str) or name in used
        }

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of all values that a task can use, except computed ones."""
        subject = self.subject
        stored = [field.source for field in self.fields.values() if isinstance(field.source, str)]
        zone = [subject.time_zone] if subject.time_zone else []
        names = ["pk", *zone, *subject.anchors.values(), *stored]
        return tuple(dict.fromkeys([*names, *subject.shape.from_subject.values()]))

    @cached_property
    def places(self) -> dict[str, int]:
        """Maps column names to their index in a row, inputs first."""
        return {name: place for place, name in enumerate(self.sources)}

    @cached_property
    def sources(self) -> dict[str, str | Expression]:
        """Maps column names to what is selected."""
        computed = [one for one in self.fields.values() if not isinstance(one.source, str)]
        marker = getattr(self.subject.model, "deletion_marker", None)
        nothing = Q(pk__in=[])
        deleted = Q((f"{marker}__isnull", False)) if marker else nothing
        sources: dict[str, Any] = {name: name for name in self.inputs}
        sources |= {field.query_name: field.source for field in computed}
        # Select text, since the same few instants occur many times and parsing them is expensive.
        sources |= {name: Cast(_name(sources[name]), TextField()) for name in self.instants}
        sources |= {
            "is_deleted_now": _pack_answers([deleted]),
            "is_cancelled_now": _pack_answers([self.subject.cancelled or nothing]),
        }
        return sources | {
            name: _pack_answers([make_query(self.rules[index].condition) for index in indexes])
            for name, indexes in self.answers.items()
        }

    @cached_property
    def instants(self) -> frozenset[str]:
        """The names of the columns with instants, which are selected as text."""
        computed = {
            field.query_name
            for field in self.fields.values()
            if not isinstance(field.source, str) and field.kind is Kind.INSTANT
        }
        stored = {
            name
            for name in self.inputs
            if name != "pk" and isinstance(follow_path(self.subject.model, name), DateTimeField)
        }
        return frozenset(computed | stored)

    @cached_property
    def answers(self) -> dict[str, Sequence[int]]:
        """Maps the name of a number to the indexes of the rules whose results are its bits."""
        asked = [index for index, rule in enumerate(self.rules) if rule.is_answered_by_database]
        starts = range(0, len(asked), RULES_PER_NUMBER)
        return {f"answers_{start}": asked[start : start + RULES_PER_NUMBER] for start in starts}


def _name(source: Any) -> Any:
    return F(source) if isinstance(source, str) else source


def _pack_answers(queries: Sequence[Q]) -> Func:
    """Return a number whose bits are the results of the conditions."""
    bits = [
        Case(When(query, then=Value(1 << bit)), default=Value(0))
        for bit, query in enumerate(queries)
    ]
    # Use an untyped field, since Django converts each number and each boolean of SQLite.
    return Func(*bits, template="(%(expressions)s)", arg_joiner=" + ", output_field=Field())
