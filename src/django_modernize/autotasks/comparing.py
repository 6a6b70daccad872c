"""Compare tasks whose inputs changed with the values they should have now."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import partial
from typing import Any

from .reconciling import Candidate, Findings, cancel_task
from .records import load_tasks
from .steps import Action, Cause, Details, Reason, Step
from .subjects import Subject

__all__ = ["compare_tasks"]


def compare_tasks(subject: Subject, findings: Findings) -> None:
    """Add the steps for tasks whose inputs have changed.

    Costs one query, or none if there are no such tasks.
    """
    findings.tasks = load_tasks(subject, [one.record.task_id for one in findings.candidates])
    for candidate in findings.candidates:
        _compare(findings, candidate, findings.tasks[candidate.record.task_id])


def _compare(findings: Findings, candidate: Candidate, task: Mapping[str, Any]) -> None:
    row, record, drafts = candidate.row, candidate.record, candidate.drafts
    rule, shape = drafts.rule, drafts.rows.subject.shape
    due_at, _cause = drafts.deadlines.find_due(row, is_new=False)
    if candidate.reopens and (due_at is None or not _is_still_cancelled(shape.cancel, task)):
        return
    if due_at is None:
        findings.steps.append(cancel_task(drafts.deadlines, row, record))
        return
    window = drafts.deadlines.find_window(row)
    if window is not None and window.holds(task[shape.due_at]):
        due_at = task[shape.due_at]
    changes = _find_changes(findings, candidate, task, due_at)
    inputs = drafts.rows.digest_inputs(row, rule)
    if not changes and not candidate.reopens:
        findings.kept += 1
        findings.outdated.append((record.id, inputs))
        return
    reason = Reason(Cause.HOLDS if candidate.reopens else Cause.CHANGED)
    values = {**changes, **(shape.reopen if candidate.reopens else {})}
    findings.steps.append(
        Step(
            action=_name_action(candidate, changes),
            template=rule.template,
            subject_id=row[0],
            occurrence=record.occurrence,
            due_at=due_at,
            record_id=record.id,
            task_id=record.task_id,
            make_details=partial(Details, reason, values, inputs),
        )
    )


def _find_changes(
    findings: Findings,
    candidate: Candidate,
    task: Mapping[str, Any],
    due_at: datetime.datetime,
) -> dict[str, Any]:
    """Return the values that the task should have but does not, except for locked fields."""
    row, drafts = candidate.row, candidate.drafts
    shape = drafts.rows.subject.shape
    holder = task[f"{shape.assignee}_id"] if shape.assignee else None
    assignee_id = findings.turns.keep(drafts.rule.template, holder)
    wanted = drafts.make_values(row, drafts.rows.find_facts(row), due_at, assignee_id)
    locked = set(task.get(shape.locked) or ()) if shape.locked else set()
    return {
        name: value
        for name, value in wanted.items()
        if name in task and task[name] != value and name.removesuffix("_id") not in locked
    }


def _is_still_cancelled(cancel: Mapping[str, Any], task: Mapping[str, Any]) -> bool:
    """Return whether a cancelled task is still as automation left it."""
    return all(task[name] == value for name, value in cancel.items())


def _name_action(candidate: Candidate, changes: Mapping[str, Any]) -> Action:
    if candidate.reopens:
        return Action.REOPEN
    assignee = candidate.drafts.rows.subject.shape.assignee
    return Action.REASSIGN if assignee and set(changes) == {f"{assignee}_id"} else Action.MOVE
