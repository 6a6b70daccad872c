"""Compare the tasks that a rule requires with existing ones, and collect the steps needed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from .absences import find_absence
from .conditions.evaluation import evaluate
from .deadlines import Deadlines
from .drafts import Drafts
from .models import RecordState, Trigger
from .records import RecordRow, Records
from .rows import Row, SubjectRows
from .rules import Rule
from .steps import Action, Cause, Details, Occasion, Step
from .turns import Turns

__all__ = ["Candidate", "Findings", "Reconciler", "cancel_task"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An existing task whose inputs have changed."""

    drafts: Drafts
    row: Row
    record: RecordRow
    reopens: bool


@dataclass
class Findings:
    """The findings of a plan."""

    turns: Turns
    steps: list[Step] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    outdated: list[tuple[Any, str]] = field(default_factory=list)
    """Records whose task stays though what it was made from changed, with the new digest."""

    kept: int = 0

    tasks: dict[Any, dict[str, Any]] = field(default_factory=dict)
    """What the candidates' tasks hold, by their keys."""


@dataclass
class Reconciler:
    """Find what a rule changes."""

    index: int
    """The rule's place among the rules."""

    rule: Rule
    rows: SubjectRows
    records: Records
    occasions: Sequence[Occasion]
    """What happened, of the kind that the rule waits for."""

    now: datetime.datetime
    findings: Findings

    @cached_property
    def deadlines(self) -> Deadlines:
        """When the rule's tasks are due."""
        return Deadlines(self.rule, self.rows, self.now)

    @cached_property
    def drafts(self) -> Drafts:
        """What the rule's tasks hold."""
        return Drafts(self.deadlines)

    def reconcile(self) -> None:
        """Note what the rule changes; tasks that have to be looked at are noted as candidates."""
        if self.rule.is_switched_off and self.rule.leaves_open_tasks:
            return
        wanted: set[tuple[str, str]] = set()
        if self.rule.is_standing and not self.rule.is_switched_off:
            wanted = self._want_standing()
        elif not self.rule.is_switched_off:
            wanted = self._want_occasions()
        for key, record in self.records.items():
            if key not in wanted:
                self._look_at_unwanted(record)

    def _want_standing(self) -> set[tuple[str, str]]:
        wanted = set()
        rows = self.rows.find_matching(self.index)
        if self.findings.turns.are_taken(self.rule.template):
            rows = self._sort_by_anchor(rows)
        for row in rows:
            key = str(row[0]), ""
            wanted.add(key)
            record = self.records.get(key)
            if record is None:
                self._create(row)
            else:
                self._look_at(row, record)
        return wanted

    def _sort_by_anchor(self, rows: Iterable[Row]) -> list[Row]:
        """Return subjects in the order of their days, so that turns come out the same each time."""

        def find_place(row: Row) -> tuple[bool, Any, str]:
            anchor = self.rows.find_value(row, self.deadlines.anchor)
            return anchor is None, anchor, str(row[0])

        return sorted(rows, key=find_place)

    def _want_occasions(self) -> set[tuple[str, str]]:
        wanted = set()
        for row, occasion in self._find_occasions():
            key = str(row[0]), occasion.key
            if key not in self.records and key not in wanted:
                wanted.add(key)
                self._create(row, occasion)
        return wanted

    def _find_occasions(self) -> Iterator[tuple[Row, Occasion]]:
        for occasion in self.occasions:
            row = self.rows.by_key.get(str(occasion.subject_id))
            if row is None or not self._fits_state(row):
                continue
            if not self.rule.counts_change(set(occasion.changes)):
                continue
            facts = self.rows.find_facts(row, occasion.changes)
            if evaluate(self.rule.condition, facts).holds:
                yield row, occasion

    def _fits_state(self, row: Row) -> bool:
        """Return whether a subject is still as it has to be for what happened to it."""
        if self.rule.template.trigger == Trigger.DELETED:
            return self.rows.is_deleted(row)
        if self.rule.template.trigger == Trigger.CANCELLED:
            return self.rows.is_cancelled(row) and not self.rows.is_deleted(row)
        return self.rows.lives(row)

    def _create(self, row: Row, occasion: Occasion | None = None) -> None:
        due_at, cause = self.deadlines.find_due(row)
        if due_at is None or cause is not Cause.HOLDS:
            return
        assignee_id = self.findings.turns.take(self.rule.template)
        changes = occasion.changes if occasion else {}
        self.findings.steps.append(
            Step(
                action=Action.CREATE,
                template=self.rule.template,
                subject_id=row[0],
                occurrence=occasion.key if occasion else "",
                due_at=due_at,
                make_details=partial(self.drafts.describe_new, row, due_at, assignee_id, changes),
            )
        )

    def _look_at(self, row: Row, record: RecordRow) -> None:
        """Look at a task that there is and should be."""
        reopens = record.state == RecordState.CANCELLED
        if reopens and record.task_id is None:
            return
        if not reopens and (not record.is_open or self._is_up_to_date(row, record)):
            self.findings.kept += 1
            return
        candidate = Candidate(self.drafts, row, record, reopens)
        self.findings.candidates.append(candidate)

    def _is_up_to_date(self, row: Row, record: RecordRow) -> bool:
        if self.rule.leaves_open_tasks and record.template_version != self.rule.version:
            return True
        return record.inputs == self.rows.digest_inputs(row, self.rule)

    def _look_at_unwanted(self, record: RecordRow) -> None:
        """Look at a task that no condition asks for now."""
        row = self.rows.by_key.get(record.subject_id)
        if row is not None and self._lives_on(row):
            self._look_at(row, record)
        elif record.state == RecordState.OPEN and record.is_open:
            self.findings.steps.append(cancel_task(self.deadlines, row, record))

    def _lives_on(self, row: Row) -> bool:
        """Return whether a task about something that happened is still worth having."""
        if self.rule.is_standing or self.rule.is_switched_off:
            return False
        return self.rule.outlives_subject or self.rows.lives(row)


def cancel_task(deadlines: Deadlines, row: Row | None, record: RecordRow) -> Step:
    """Return the step that cancels a task which nobody needs, with the reason."""
    reason = find_absence(deadlines, row)
    return Step(
        action=Action.CANCEL,
        template=deadlines.rule.template,
        subject_id=row[0] if row else record.subject_id,
        occurrence=record.occurrence,
        record_id=record.id,
        task_id=record.task_id,
        make_details=partial(Details, reason, deadlines.rows.subject.shape.cancel, record.inputs),
    )
