"""Sets what templates want beside what there is, and notes the steps from one to the other."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .conditions.evaluation import evaluate
from .models import RecordState, Trigger
from .rows import RecordRow, SubjectRows, load_tasks
from .rules import Rule
from .steps import Action, Cause, Occasion, Reason, Step
from .turns import Turns

__all__ = ["Reconciler"]

Row = tuple[Any, ...]
Records = Mapping[tuple[str, str], RecordRow]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that there is, and whose inputs have changed."""

    rule: Rule
    row: Row
    record: RecordRow
    reopens: bool


@dataclass
class Reconciler:
    """Collects the steps of one plan."""

    rows: SubjectRows
    loaded: Sequence[Row]
    occasions: Sequence[Occasion]
    now: datetime.datetime
    turns: Turns = field(default_factory=Turns)
    steps: list[Step] = field(default_factory=list)
    outdated: list[tuple[Any, str]] = field(default_factory=list)
    kept: int = 0
    candidates: list[Candidate] = field(default_factory=list)
    digests: dict[Any, str] = field(default_factory=dict)

    @cached_property
    def rows_by_key(self) -> dict[str, Row]:
        """The subjects by their key as text."""
        return {str(row[0]): row for row in self.loaded}

    @cached_property
    def living(self) -> list[Row]:
        """The subjects that are neither deleted nor cancelled."""
        return [row for row in self.loaded if not row[1] and not row[2]]

    @cached_property
    def occasions_by_trigger(self) -> dict[str, list[Occasion]]:
        """What happened, by the trigger that waits for it."""
        found = defaultdict(list)
        for occasion in self.occasions:
            found[occasion.trigger].append(occasion)
        return found

    def reconcile(self, index: int, rule: Rule, records: Records) -> None:
        """Note what one template changes.

        Args:
            index: The rule's place among the rules.
            rule: The compiled template.
            records: Its records, by subject and occurrence.
        """
        if rule.is_switched_off and rule.leaves_open_tasks:
            return
        wanted: set[tuple[str, str]] = set()
        if rule.is_standing and not rule.is_switched_off:
            wanted = self._want_standing(index, rule, records)
        elif not rule.is_switched_off:
            wanted = self._want_occasions(rule, records)
        for key, record in records.items():
            if key not in wanted:
                self._look_at_unwanted(rule, record)

    def _want_standing(self, index: int, rule: Rule, records: Records) -> set[tuple[str, str]]:
        wanted = set()
        rows = self._find_matching(index, rule)
        if self.turns.are_taken(rule.template):
            place = self.rows.columns[self.rows.subject.anchors[rule.template.anchor]]
            # In the order of their days, so that turns come out the same each time.
            rows = iter(sorted(rows, key=lambda row: (row[place] is None, row[place], str(row[0]))))
        for row in rows:
            key = str(row[0]), ""
            wanted.add(key)
            record = records.get(key)
            if record is None:
                self._create(rule, row)
            else:
                self._look_at(rule, row, record)
        return wanted

    def _want_occasions(self, rule: Rule, records: Records) -> set[tuple[str, str]]:
        wanted = set()
        for row, occasion in self._find_occasions(rule):
            key = str(row[0]), occasion.key
            if key not in records and key not in wanted:
                wanted.add(key)
                self._create(rule, row, occasion)
        return wanted

    def compare_tasks(self) -> None:
        """Note what changes for the tasks whose inputs have changed.

        Costs one query, none if there are none.
        """
        task_ids = [one.record.task_id for one in self.candidates]
        tasks = load_tasks(self.rows.subject, task_ids)
        for candidate in self.candidates:
            self._compare(candidate, tasks[candidate.record.task_id])

    def _find_matching(self, index: int, rule: Rule) -> Iterator[Row]:
        flag = self.rows.find_flag(index)
        if flag is not None:
            return (row for row in self.living if row[flag])
        find_facts = self.rows.find_facts
        return (row for row in self.living if evaluate(rule.condition, find_facts(row)).holds)

    def _find_occasions(self, rule: Rule) -> Iterator[tuple[Row, Occasion]]:
        for occasion in self.occasions_by_trigger.get(rule.template.trigger, ()):
            row = self.rows_by_key.get(str(occasion.subject_id))
            if row is None or not self._fits_state(rule, row):
                continue
            if not rule.counts_change(set(occasion.changes)):
                continue
            facts = self.rows.find_facts(row, occasion.changes)
            if evaluate(rule.condition, facts).holds:
                yield row, occasion

    def _fits_state(self, rule: Rule, row: Row) -> bool:
        """Tell whether a subject is still as it has to be for what happened to it."""
        if rule.template.trigger == Trigger.DELETED:
            return bool(row[1])
        if rule.template.trigger == Trigger.CANCELLED:
            return bool(row[2]) and not row[1]
        return not (row[1] or row[2])

    def _create(self, rule: Rule, row: Row, occasion: Occasion | None = None) -> None:
        due_at, cause = self.find_due(rule, row)
        if due_at is None or cause is not Cause.HOLDS:
            return
        changes = occasion.changes if occasion else {}
        facts = self.rows.find_facts(row, changes)
        assignee_id = self.turns.take(rule.template)
        because = evaluate(rule.condition, facts).because
        found = facts.values.get(because.field.name) if because else None
        self.steps.append(
            Step(
                action=Action.CREATE,
                template=rule.template,
                subject_id=row[0],
                reason=Reason(Cause.HOLDS, because, found),
                occurrence=occasion.key if occasion else "",
                due_at=due_at,
                values=self.make_values(rule, row, due_at, assignee_id=assignee_id),
                inputs=self._find_inputs(rule, row),
            )
        )

    def _look_at(self, rule: Rule, row: Row, record: RecordRow) -> None:
        """Look at a task that there is and should be."""
        if record.state == RecordState.CANCELLED:
            if record.task_id is not None:
                self.candidates.append(Candidate(rule, row, record, reopens=True))
        elif not record.is_open or self._is_up_to_date(rule, row, record):
            self.kept += 1
        else:
            self.candidates.append(Candidate(rule, row, record, reopens=False))

    def _is_up_to_date(self, rule: Rule, row: Row, record: RecordRow) -> bool:
        if rule.leaves_open_tasks and record.template_version != rule.template.version:
            return True
        return record.inputs == self._find_inputs(rule, row)

    def _look_at_unwanted(self, rule: Rule, record: RecordRow) -> None:
        """Look at a task that no condition asks for now."""
        row = self.rows_by_key.get(record.subject_id)
        if row is not None and self._lives_on(rule, row):
            self._look_at(rule, row, record)
        elif record.state == RecordState.OPEN and record.is_open:
            self._cancel(rule, record, row)

    def _lives_on(self, rule: Rule, row: Row) -> bool:
        """Tell whether a task about something that happened is still worth having."""
        if rule.is_standing or rule.is_switched_off:
            return False
        return rule.outlives_subject or not (row[1] or row[2])

    def _cancel(self, rule: Rule, record: RecordRow, row: Row | None) -> None:
        reason = self.find_absence(rule, row)
        self.steps.append(
            Step(
                action=Action.CANCEL,
                template=rule.template,
                subject_id=row[0] if row else record.subject_id,
                reason=reason,
                occurrence=record.occurrence,
                values=self.rows.subject.shape.cancel,
                inputs=record.inputs,
                record_id=record.id,
                task_id=record.task_id,
            )
        )

    def find_absence(self, rule: Rule, row: Row | None) -> Reason:
        """Return why a template has no task for a subject."""
        if row is None:
            return Reason(Cause.GONE)
        if row[1]:
            return Reason(Cause.DELETED)
        if row[2]:
            return Reason(Cause.CANCELLED)
        if rule.is_switched_off:
            return Reason(Cause.SWITCHED_OFF)
        facts = self.rows.find_facts(row)
        answer = evaluate(rule.condition, facts)
        if answer.because is not None and not answer.holds:
            return Reason(Cause.FAILS, answer.because, facts.values.get(answer.because.field.name))
        if not rule.is_standing:
            return Reason(Cause.NOT_ASKED)
        return Reason(self.find_due(rule, row)[1])

    def _compare(self, candidate: Candidate, task: Mapping[str, Any]) -> None:
        rule, row, record = candidate.rule, candidate.row, candidate.record
        shape = self.rows.subject.shape
        due_at, _cause = self.find_due(rule, row, is_new=False)
        if candidate.reopens and (due_at is None or not self._is_still_cancelled(task)):
            return
        if due_at is None:
            self._cancel(rule, record, row)
            return
        holder = task[f"{shape.assignee}_id"] if shape.assignee else None
        assignee_id = self.turns.keep(rule.template, holder)
        wanted = self.make_values(rule, row, due_at, assignee_id=assignee_id)
        locked = set(task.get(shape.locked) or ()) if shape.locked else set()
        changes = {
            name: value
            for name, value in wanted.items()
            if name in task and task[name] != value and name.removesuffix("_id") not in locked
        }
        inputs = self._find_inputs(rule, row)
        if not changes and not candidate.reopens:
            self.kept += 1
            self.outdated.append((record.id, inputs))
            return
        self.steps.append(
            Step(
                action=self._name_action(candidate, changes),
                template=rule.template,
                subject_id=row[0],
                reason=Reason(Cause.HOLDS if candidate.reopens else Cause.CHANGED),
                occurrence=record.occurrence,
                due_at=due_at,
                values={**changes, **(shape.reopen if candidate.reopens else {})},
                inputs=inputs,
                record_id=record.id,
                task_id=record.task_id,
            )
        )

    def _is_still_cancelled(self, task: Mapping[str, Any]) -> bool:
        """Tell whether a person has left a task as automation left it."""
        return all(task[name] == value for name, value in self.rows.subject.shape.cancel.items())

    def _name_action(self, candidate: Candidate, changes: Mapping[str, Any]) -> Action:
        if candidate.reopens:
            return Action.REOPEN
        assignee = self.rows.subject.shape.assignee
        return Action.REASSIGN if assignee and set(changes) == {f"{assignee}_id"} else Action.MOVE

    def find_due(
        self, rule: Rule, row: Row, *, is_new: bool = True
    ) -> tuple[datetime.datetime | None, Cause]:
        """Return when a task is due, and whether there should be one at that time."""
        template, zone = rule.template, self.rows.find_zone(row)
        anchor = row[self.rows.columns[self.rows.subject.anchors[template.anchor]]]
        if anchor is None:
            return None, Cause.NO_ANCHOR
        due_at = rule.timing.find_due(anchor, zone)
        day = anchor.astimezone(zone).date() if isinstance(anchor, datetime.datetime) else anchor
        if (template.valid_from and day < template.valid_from) or (
            template.valid_until and day > template.valid_until
        ):
            return None, Cause.OUT_OF_SEASON
        if is_new and template.skip_past and due_at < self.now:
            return due_at, Cause.PAST
        if is_new and template.trigger == Trigger.BY_DATE:
            horizon = self.now + datetime.timedelta(days=template.horizon_days)
            if due_at > horizon:
                return due_at, Cause.TOO_EARLY
        return due_at, Cause.HOLDS

    def make_values(
        self, rule: Rule, row: Row, due_at: datetime.datetime, *, assignee_id: Any
    ) -> dict[str, Any]:
        """Return what a task holds, by its columns."""
        shape, template = self.rows.subject.shape, rule.template
        facts = self.rows.find_facts(row)
        values = {
            shape.due_at: due_at,
            shape.title: self._fit_title(rule.title.render(facts.values, facts.zone)),
            shape.description: rule.description.render(facts.values, facts.zone),
        }
        if shape.subject:
            values[f"{shape.subject}_id"] = row[0]
        for column, path in shape.from_subject.items():
            values[column] = row[self.rows.columns[path]]
        for column, name in shape.from_template.items():
            values[column] = getattr(template, name)
        if shape.assignee:
            values[f"{shape.assignee}_id"] = assignee_id
        return values

    def _fit_title(self, title: str) -> str:
        field = self.rows.subject.tasks._meta.get_field(self.rows.subject.shape.title)
        length = getattr(field, "max_length", None)
        return title if length is None or len(title) <= length else f"{title[: length - 1]}…"

    def _find_inputs(self, rule: Rule, row: Row) -> str:
        if row[0] not in self.digests:
            self.digests[row[0]] = self.rows.digest_inputs(row)
        digest = self.rows.digest_computed(row, rule, self.digests[row[0]])
        return f"{digest}{rule.template.version:x}"
