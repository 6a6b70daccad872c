"""Run the rules: along with changes, in the background after them, or for all subjects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, router, transaction
from django.utils import timezone

from .applying import lock_tasks, lock_templates, write_plan
from .background import enqueue_run
from .keys import filter_keys
from .models import Trigger
from .neighbours import find_neighbours, names_neighbours
from .occasions import EventRow, find_last_event, list_occasions, load_changes, load_events
from .planning import load_templates, plan_subject
from .steps import Action, Occasion
from .subjects import Subject, list_subjects

__all__ = ["ChangeFollower", "follow_changes", "run_by_hand", "run_events", "run_subject"]

BATCH_SIZE: Final = 10_000
"""Subjects for each plan of a run over everything, which bounds its memory."""

logger = logging.getLogger(__name__)


@dataclass
class ChangeFollower:
    """Run the rules for what changes within a block."""

    using: str
    last_events: dict[str, int]
    """Kind of subject to the youngest event that has been looked at."""

    counts: dict[Action, int] = field(default_factory=lambda: dict.fromkeys(Action, 0))
    """How many tasks were created, moved and so on, so far."""

    def catch_up(self) -> dict[Action, int]:
        """Run the rules for what has changed since the block began, or since the last call.

        The end of the block does that by itself; a caller that reports what became of the tasks
        does it before.

        Returns:
            How many tasks were created, moved and so on, in the whole block.

        Costs a query for each kind of subject, five and more where something is done.
        """
        for subject in list_subjects():
            if router.db_for_write(subject.model) == self.using:
                self._follow_subject(subject)
        return self.counts

    def _follow_subject(self, subject: Subject) -> None:
        events = load_events(subject, self.using, after=self.last_events[subject.key])
        if events:
            self.last_events[subject.key] = events[-1].id
            for action, count in self._run_now(subject, events).items():
                self.counts[action] += count

    def _run_now(self, subject: Subject, events: Sequence[EventRow]) -> dict[Action, int]:
        templates = load_templates(subject)
        at_once = [one for one in templates if not one.runs_after_commit]
        first, last, using = events[0].id, events[-1].id, self.using
        if len(at_once) < len(templates):
            transaction.on_commit(lambda: enqueue_run(subject.key, using, first, last), using=using)
        return run_events(subject, events, templates=at_once, using=using)


@contextmanager
def follow_changes(using: str = DEFAULT_DB_ALIAS) -> Generator[ChangeFollower]:
    """Run the rules for whatever the block changes, in its transaction.

    >>> with follow_changes():  # doctest: +SKIP
    ...     Booking.objects.bulk_create(bookings)

    Changes are read from the audit trail, so it does not matter how they were written: with
    ``save()``, in bulk, or with SQL. Templates that run in the background are enqueued when the
    transaction is committed.

    Args:
        using: The alias of the database.

    Yields:
        The follower, with which you can run the rules before the end of the block.

    Costs two queries for each kind of subject and the trail, and five or more if something is done,
    whatever the number of rows.
    """
    with transaction.atomic(using=using):
        last = find_last_event(using)
        follower = ChangeFollower(using, {one.key: last for one in list_subjects()})
        yield follower
        follower.catch_up()


def run_subject(
    subject: Subject,
    ids: Sequence[Any] | None = None,
    *,
    occasions: Iterable[Occasion] = (),
    templates: Sequence[Any] | None = None,
    report_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[Action, int]:
    """Run the rules for subjects of one kind.

    A template that fails does not affect the others: the error is stored on it and logged, and its
    tasks are created by the next successful run.

    Args:
        subject: The kind of subject.
        ids: The keys of the subjects, or ``None`` for all.
        occasions: What just happened to them.
        templates: The templates to run, or ``None`` for all active ones.
        report_progress: Called with the number of subjects done and the total.

    Returns:
        How many tasks were created, moved and so on.

    Costs five queries and those that write, for each batch of 10,000 subjects.
    """
    chosen = load_templates(subject) if templates is None else templates
    counts = dict.fromkeys(Action, 0)
    keys = (
        list(subject.model._base_manager.order_by("pk").values_list("pk", flat=True))
        if ids is None
        else list(ids)
    )
    found = tuple(occasions)
    for start in range(0, len(keys) if chosen else 0, BATCH_SIZE):
        batch = keys[start : start + BATCH_SIZE]
        for action, count in _run_templates(subject, chosen, batch, found).items():
            counts[action] += count
        report_progress(min(start + BATCH_SIZE, len(keys)), len(keys))
    return counts


def run_events(
    subject: Subject, events: Sequence[EventRow], *, templates: Sequence[Any], using: str
) -> dict[Action, int]:
    """Run templates for the subjects that events tell of, and for their neighbours.

    Args:
        subject: The kind of subject.
        events: What happened.
        templates: Which templates are run.
        using: The alias of the database.

    Returns:
        How many tasks were created, moved and so on.

    Costs, beside :func:`run_subject`, a query where rows were more than created, and two where a
    template says something of neighbours.
    """
    ids = list(dict.fromkeys(event.object_id for event in events))
    changed = load_changes(subject, using, events)
    if names_neighbours(subject, templates):
        ids = _merge_keys(ids, find_neighbours(subject, ids, changed))
    occasions = list_occasions(subject, changed)
    return run_subject(subject, ids, occasions=occasions, templates=templates)


def run_by_hand(template: Any, ids: Sequence[Any], *, key: str = "") -> dict[Action, int]:
    """Make the task of a template that waits for somebody to ask for it.

    Args:
        template: One with the trigger *by hand*.
        ids: The keys of the subjects.
        key: What tells this request from others; a request that is repeated with its key makes no
            second task. Without one each call makes its own.

    Raises:
        ValueError: The template waits for something else.

    Costs as :func:`run_subject`.
    """
    if template.trigger != Trigger.BY_HAND:
        raise ValueError(f"The template {template} creates its tasks automatically, not by hand.")
    asked = f"hand {key or uuid4().hex}"
    occasions = [Occasion(subject_id=one, trigger=Trigger.BY_HAND, key=asked) for one in ids]
    return run_subject(template.subject, ids, occasions=occasions, templates=[template])


def _merge_keys(ids: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    """Return keys once each; those of the trail are texts."""
    return list({str(one): one for one in [*ids, *more]}.values())


def _run_templates(
    subject: Subject, templates: Sequence[Any], ids: Sequence[Any], occasions: tuple[Occasion, ...]
) -> dict[Action, int]:
    try:
        return _plan_and_write(subject, templates, ids, occasions)
    except Exception:
        # Whatever a template or the project's own model of tasks does, the booking is kept.
        logger.warning("Running each template of %s alone", subject.key, exc_info=True)
    counts = dict.fromkeys(Action, 0)
    for template in templates:
        for action, count in _run_template(subject, template, ids, occasions).items():
            counts[action] += count
    return counts


def _run_template(
    subject: Subject, template: Any, ids: Sequence[Any], occasions: tuple[Occasion, ...]
) -> dict[Action, int]:
    try:
        return _plan_and_write(subject, [template], ids, occasions)
    except Exception as error:
        logger.exception("The template %s (%s) failed", template, template.pk)
        message = f"{type(error).__name__}: {error}"[:2000]
        _note_failure(subject, template, failed_at=timezone.now(), error=message)
        return {}


def _plan_and_write(
    subject: Subject, templates: Sequence[Any], ids: Sequence[Any], occasions: tuple[Occasion, ...]
) -> dict[Action, int]:
    with transaction.atomic(using=router.db_for_write(subject.records)):
        lock_templates(subject, templates)
        rows = filter_keys(subject.model._base_manager.all(), ids)
        make_plan = partial(
            plan_subject,
            subject,
            templates,
            rows,
            occasions=occasions,
            now=timezone.now(),
            missing=ids,
        )
        made = make_plan()
        if not lock_tasks(made):
            made = make_plan()
        counts = write_plan(made)
        for template in templates:
            if template.failed_at is not None:
                _note_failure(subject, template, failed_at=None, error="")
        return counts


def _note_failure(subject: Subject, template: Any, **values: Any) -> None:
    subject.templates._base_manager.filter(pk=template.pk).update(**values)
