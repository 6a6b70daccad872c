"""Apply a plan completely or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from django.db import router, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from .exceptions import PlanOutdated
from .keys import filter_keys
from .models import RecordState
from .planning import plan_subject
from .records import find_open, load_tasks
from .steps import Action, Plan, Step, name_template
from .subjects import Subject, get_subject

__all__ = [
    "apply",
    "lock_rules",
    "lock_task_rows",
    "lock_tasks",
    "lock_templates",
    "write_plan",
    "write_values",
]

BATCH_SIZE: Final = 500
"""The number of rows per statement that sets different values."""

RECORD_FIELDS: Final = (
    "template_version",
    "state",
    "inputs",
    "due_at",
    "reason",
    "changed_at",
)

CANCELLED_FIELDS: Final = ("state", "reason", "changed_at")
"""The fields to update in the record of a cancelled task. The others keep their values."""


class WritingStep(Protocol):
    """What gives a task new values."""

    @property
    def task_id(self) -> Any:
        """The task's key."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Column to new value."""


def apply(plan: Plan) -> dict[Action, int]:
    """Apply a plan exactly.

    Args:
        plan: The result of :func:`plan`, reviewed by somebody.

    Returns:
        The number of tasks created, moved, reassigned, cancelled, reopened, kept and skipped.

    Raises:
        PlanOutdated: Subjects, templates or tasks have changed since, so the plan would be
            different now. Nothing was done. The error lists the differences.

    Costs planning once more, to compare, and a number of statements per batch of 500 rows.
    """
    subject = plan.subject
    with transaction.atomic(using=router.db_for_write(subject.records)):
        lock_templates(subject, plan.templates)
        stored = {
            one.pk: one
            for one in subject.templates._base_manager.filter(
                pk__in=[one.pk for one in plan.templates]
            )
        }
        lock_tasks(plan)
        today = plan_subject(
            subject,
            [stored[one.pk] for one in plan.templates if one.pk in stored],
            filter_keys(subject.model._base_manager.all(), plan.subject_ids),
            occasions=plan.occasions,
            now=plan.now,
        )
        if differences := _compare_plans(plan, today):
            raise PlanOutdated(differences)
        return write_plan(today)


def lock_templates(subject: Subject, templates: Iterable[Model]) -> None:
    """Lock the templates, so that nobody else creates their tasks until the transaction ends.

    Otherwise two workers that process the same change would both find no task and both create one,
    and the constraint of the records would refuse the second along with everything in its batch.

    Costs one query on databases that lock rows. Elsewhere there is only one writer at a time.
    """
    keys = [one.pk for one in templates]
    _lock_rows(subject.templates._base_manager.filter(pk__in=keys))


def lock_rules(key: str) -> None:
    """Lock the rules about a kind of subject against other runs until the transaction ends.

    A run locks its templates first and then the subjects for which it creates tasks. If you lock,
    move or delete subjects and run the rules in the same transaction, call this first: locking
    the subjects first could deadlock with a run.

    >>> with follow_changes():  # doctest: +SKIP
    ...     lock_rules("booking")
    ...     booking = Booking.objects.select_for_update().get(pk=key)

    Args:
        key: The key under which the kind is registered.

    Raises:
        SubjectError: There is no such kind.

    Costs one query on databases that lock rows. Elsewhere there is only one writer at a time.
    """
    # Include inactive templates, since one may be activated before the run.
    _lock_rows(get_subject(key).templates._base_manager.filter(subject_key=key))


def lock_tasks(plan: Plan) -> bool:
    """Let nobody else change the tasks that a plan changes, until the transaction ends.

    Returns:
        Whether they are as they were when the plan was made. What a person set in between is not to
        be overwritten, so with another answer a new plan is to be made.

    Costs two queries beside the lock where tasks are changed, and nothing on databases that have
    one writer at a time.
    """
    subject = plan.subject
    keys = sorted(step.task_id for step in plan.steps if step.task_id is not None)
    if not keys or not _locks_rows(subject.tasks):
        return True
    reopened = {step.task_id for step in plan.filter_steps(Action.REOPEN)}
    found_open = [key for key in keys if key not in reopened]
    seen = {key: plan.tasks[key] for key in keys if key in plan.tasks}
    lock_task_rows(subject, keys)
    is_open = find_open(subject, found_open) == set(found_open)
    return is_open and load_tasks(subject, list(seen)) == seen


def lock_task_rows(subject: Subject, keys: Sequence[Any]) -> None:
    """Lock tasks until the transaction ends, as the shape of the tasks does it or by their keys.

    Costs one query on databases that lock rows, or what the shape's ``lock`` costs.
    """
    if not _locks_rows(subject.tasks):
        return
    if subject.shape.lock is not None:
        subject.shape.lock(keys)
        return
    rows = subject.tasks._base_manager.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _lock_rows(rows: QuerySet[Any]) -> None:
    if _locks_rows(rows.model):
        list(rows.order_by("pk").select_for_update().values_list("pk"))


def _locks_rows(model: type[Model]) -> bool:
    features = transaction.get_connection(router.db_for_write(model)).features
    return bool(features.has_select_for_update)


def write_plan(plan: Plan) -> dict[Action, int]:
    """Apply a plan that was made in this transaction."""
    _create_tasks(plan)
    _cancel_tasks(plan)
    _change_tasks(plan)
    _refresh_records(plan)
    _count_turns(plan)
    return plan.count_actions()


def _create_tasks(plan: Plan) -> None:
    steps = list(plan.filter_steps(Action.CREATE))
    if not steps:
        return
    subject, insert = plan.subject, plan.subject.shape.insert
    columns = list(steps[0].values)
    written = [step.values for step in steps]
    keys = insert(subject.tasks(), columns, [[one[name] for name in columns] for one in written])
    records = [
        {
            "template_id": step.template.pk,
            "subject_key": subject.key,
            "subject_id": str(step.subject_id),
            "occurrence": step.occurrence,
            "task_id": key,
            **_describe_step(step),
        }
        for step, key in zip(steps, keys, strict=True)
    ]
    insert(subject.records(), list(records[0]), [list(one.values()) for one in records])
    if subject.shape.made is not None:
        subject.shape.made([(key, one.template) for key, one in zip(keys, steps, strict=True)])


def _cancel_tasks(plan: Plan) -> None:
    steps = list(plan.filter_steps(Action.CANCEL))
    keys = [step.task_id for step in steps]
    for start in range(0, len(keys), BATCH_SIZE):
        batch = plan.subject.tasks._base_manager.filter(pk__in=keys[start : start + BATCH_SIZE])
        batch.update(**plan.subject.shape.cancel)
    _mark_records(plan.subject, steps, CANCELLED_FIELDS)


def _change_tasks(plan: Plan) -> None:
    kinds = (Action.MOVE, Action.REASSIGN, Action.REOPEN)
    steps = [step for step in plan.steps if step.action in kinds]
    if write_values(plan.subject, steps):
        _mark_records(plan.subject, steps, RECORD_FIELDS)


def write_values(subject: Subject, steps: Sequence[WritingStep]) -> bool:
    """Give tasks new values, each its own; tell whether there are any.

    Costs one query for each 500 tasks.
    """
    columns = sorted({name for step in steps for name in step.values})
    if not columns:
        return False
    tasks = [_make_task(subject, step, columns) for step in steps]
    subject.tasks._base_manager.bulk_update(tasks, columns, batch_size=BATCH_SIZE)
    return True


def _make_task(subject: Subject, step: WritingStep, columns: Iterable[str]) -> Model:
    task = subject.tasks(pk=step.task_id)
    for name in columns:
        # Another step in the same statement may change what this one leaves alone.
        setattr(task, name, step.values.get(name, F(name)))
    return task


def _mark_records(subject: Subject, steps: Sequence[Step], names: Sequence[str]) -> None:
    records = [subject.records(pk=step.record_id, **_describe_step(step)) for step in steps]
    subject.records._base_manager.bulk_update(records, names, batch_size=BATCH_SIZE)


def _describe_step(step: Step) -> dict[str, Any]:
    cancelled = step.action is Action.CANCEL
    return {
        "template_version": step.template.version,
        "state": RecordState.CANCELLED if cancelled else RecordState.OPEN,
        "inputs": step.inputs,
        "due_at": step.due_at,
        "reason": step.reason.as_json(),
        "changed_at": timezone.now(),
    }


def _refresh_records(plan: Plan) -> None:
    records = [plan.subject.records(pk=key, inputs=inputs) for key, inputs in plan.outdated]
    plan.subject.records._base_manager.bulk_update(records, ["inputs"], batch_size=BATCH_SIZE)


def _count_turns(plan: Plan) -> None:
    for key, count in plan.turns.items():
        plan.subject.templates._base_manager.filter(pk=key).update(turn=F("turn") + count)


def _compare_plans(before: Plan, after: Plan) -> list[str]:
    old = {step.key: step for step in before.steps}
    new = {step.key: step for step in after.steps}
    return [
        _describe_difference(step, old.get(key), new.get(key))
        for key, step in {**old, **new}.items()
        if _what_is_done(old.get(key)) != _what_is_done(new.get(key))
    ]


def _what_is_done(step: Step | None) -> Any:
    return step and (step.action, step.due_at, dict(step.values), step.template.version)


def _describe_difference(step: Step, before: Step | None, after: Step | None) -> str:
    words = [
        f"{one.action.value} at {one.due_at:%Y-%m-%d %H:%M}" if one and one.due_at else "nothing"
        for one in (before, after)
    ]
    what = f"{name_template(step.template)} for {step.subject_id}"
    return f"{what}: the plan says {words[0]}, now it would be {words[1]}"
