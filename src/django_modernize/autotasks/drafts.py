"""The values and reasons of a rule's tasks, computed on demand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from .conditions.evaluation import Facts, evaluate
from .deadlines import Deadlines
from .rows import Row, SubjectRows
from .rules import Rule
from .steps import Cause, Details, Reason

__all__ = ["Drafts"]


@dataclass(frozen=True)
class Drafts:
    """The tasks of one rule, as they would be written at the time of planning.

    Nothing used here changes afterwards: neither the rows nor the compiled rule, and the language
    is the one active during planning.
    """

    deadlines: Deadlines
    language: str | None = field(default_factory=translation.get_language)

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.deadlines.rule

    @property
    def rows(self) -> SubjectRows:
        """The subjects."""
        return self.deadlines.rows

    def describe_new(
        self,
        row: Row,
        due_at: datetime.datetime,
        assignee_id: Any,
        changes: Mapping[str, tuple[Any, Any]],
    ) -> Details:
        """Return the values of a new task, and the reason for it."""
        facts = self.rows.find_facts(row, changes)
        return Details(
            reason=self._explain_presence(facts),
            values=self.make_values(row, facts, due_at, assignee_id),
            inputs=self.rows.digest_inputs(row, self.rule),
        )

    def make_values(
        self, row: Row, facts: Facts, due_at: datetime.datetime, assignee_id: Any
    ) -> dict[str, Any]:
        """Return the values of a task by column."""
        shape = self.rows.subject.shape
        title, description = self._render_texts(facts)
        values = {
            shape.due_at: due_at,
            shape.title: self._fit_title(title),
            shape.description: description,
        }
        if shape.earliest or shape.latest:
            values |= self._bound(row)
        if shape.subject:
            values[f"{shape.subject}_id"] = row[0]
        for column, path in shape.from_subject.items():
            values[column] = self.rows.find_value(row, path)
        values |= self.rule.written
        if shape.assignee:
            values[f"{shape.assignee}_id"] = assignee_id
        return values

    def _bound(self, row: Row) -> dict[str, datetime.datetime | None]:
        """Return the start and end of the window of a task, by column."""
        shape, window = self.rows.subject.shape, self.deadlines.find_window(row)
        earliest, latest = (window.earliest, window.latest) if window else (None, None)
        ends = {shape.earliest: earliest, shape.latest: latest}
        return {column: end for column, end in ends.items() if column is not None}

    def _render_texts(self, facts: Facts) -> list[str]:
        if translation.get_language() != self.language:
            with translation.override(self.language):
                return self._render_texts(facts)
        texts = (self.rule.title, self.rule.description)
        return [text.render(facts.values, facts.zone) for text in texts]

    def _fit_title(self, title: str) -> str:
        field = self.rows.subject.tasks._meta.get_field(self.rows.subject.shape.title)
        length = getattr(field, "max_length", None)
        return title if length is None or len(title) <= length else f"{title[: length - 1]}…"

    def _explain_presence(self, facts: Facts) -> Reason:
        because = evaluate(self.rule.condition, facts).because
        found = facts.values.get(because.field.name) if because else None
        return Reason(Cause.HOLDS, because, found)
