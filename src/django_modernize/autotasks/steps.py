"""The parts of a plan: a step for each template and subject for which something is done."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Model

from .conditions.nodes import Comparison
from .subjects import Subject

__all__ = ["Action", "Cause", "Details", "Occasion", "Plan", "Reason", "Step"]


class Action(StrEnum):
    """What a step does with a task."""

    CREATE = "create"
    MOVE = "move"
    """The time or texts of the task change."""

    REASSIGN = "reassign"
    CANCEL = "cancel"
    REOPEN = "reopen"
    KEEP = "keep"
    SKIP = "skip"
    """There is no task, and none is needed."""


class Cause(StrEnum):
    """Why a step is as it is."""

    HOLDS = "holds"
    """The conditions hold."""

    FAILS = "fails"
    """A condition does not hold."""

    CANCELLED = "cancelled"
    """The subject is cancelled."""

    DELETED = "deleted"
    """The subject is deleted."""

    GONE = "gone"
    """The row of the subject no longer exists."""

    NO_ANCHOR = "no_anchor"
    """The subject has no such day."""

    OUT_OF_SEASON = "out_of_season"
    """The template is not valid on that day."""

    TOO_EARLY = "too_early"
    """The day is too far in the future."""

    PAST = "past"
    """The time has passed."""

    CHANGED = "changed"
    """The inputs of the task have changed."""

    UNCHANGED = "unchanged"
    LOCKED = "locked"
    """A person has set the fields that would change."""

    FINISHED = "finished"
    """The task is done, cancelled or deleted by a person."""

    OLDER_VERSION = "older_version"
    """The template has changed, but leaves open tasks alone."""

    NOT_ASKED = "not_asked"
    """What the template waits for has not happened."""

    SWITCHED_OFF = "switched_off"
    """The template no longer creates tasks."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The cause of a step, with the deciding comparison and its value, if there is one."""

    cause: Cause
    because: Comparison | None = None
    found: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return the reason as stored in a record."""
        data: dict[str, Any] = {"cause": self.cause.value}
        if self.because is not None:
            data |= {
                "field": self.because.field.name,
                "is": self.because.operator.value,
                "value": _write_value(self.because.value),
                "found": _write_value(self.found),
            }
        return data


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """Something that happened to a subject."""

    subject_id: Any
    trigger: str
    """A ``Trigger``."""

    key: str
    """The identity of the occasion. The same occasion does not create a second task."""

    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Maps field names to old and new values."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a step writes, and why."""

    reason: Reason
    values: Mapping[str, Any]
    """Column of the task to the value that is written."""

    inputs: str
    """A digest of all that the task is made from."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is done for one template and one subject."""

    action: Action
    template: Any
    subject_id: Any
    occurrence: str = ""
    due_at: datetime.datetime | None = None
    record_id: Any = None
    task_id: Any = None
    make_details: Callable[[], Details] = field(repr=False, compare=False)
    """Computes the details, which takes most of the time and is mostly not needed for a preview."""

    @cached_property
    def details(self) -> Details:
        """What is written, and why."""
        return self.make_details()

    @property
    def reason(self) -> Reason:
        """Why."""
        return self.details.reason

    @property
    def values(self) -> Mapping[str, Any]:
        """Column of the task to the value that is written."""
        return self.details.values

    @property
    def inputs(self) -> str:
        """A digest of all that the task is made from."""
        return self.details.inputs

    @property
    def key(self) -> tuple[Any, Any, str]:
        """What the step is about: template, subject and occurrence."""
        return self.template.pk, self.subject_id, self.occurrence


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What templates would do for subjects. Nothing has been done yet."""

    subject: Subject
    templates: tuple[Any, ...]
    subject_ids: tuple[Any, ...]
    occasions: tuple[Occasion, ...]
    now: datetime.datetime
    steps: tuple[Step, ...]
    """The steps that change something."""

    kept: int
    """How many tasks stay as they are."""

    turns: Mapping[Any, int] = field(default_factory=dict)
    """Maps templates to the number of turns assigned to their people."""

    outdated: tuple[tuple[Any, str], ...] = ()
    """Records whose task remains although its inputs changed, with the new digest."""

    tasks: Mapping[Any, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """What the tasks held that were looked at, by their keys."""

    def count_actions(self) -> dict[Action, int]:
        """Return the number of steps for each action."""
        counts = dict.fromkeys(Action, 0)
        for step in self.steps:
            counts[step.action] += 1
        counts[Action.KEEP] += self.kept
        pairs = len(self.templates) * len(self.subject_ids)
        counts[Action.SKIP] = max(0, pairs - sum(counts.values()))
        return counts

    def filter_steps(self, action: Action) -> Iterator[Step]:
        """Yield the steps with an action."""
        return (step for step in self.steps if step.action is action)


def name_template(template: Model) -> str:
    """Return the name of a template for messages."""
    return f"{template} (version {getattr(template, 'version', 1)})"


def _write_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_write_value(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
