"""Fields that a person has set on a task, which automation leaves alone until given back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import router, transaction

from .exceptions import SubjectError
from .running import run_subject
from .subjects import Subject, get_subject, list_subjects

__all__ = ["attach_fields", "detach_fields"]


def detach_fields(task: Any, names: Iterable[str]) -> list[str]:
    """Record that a person has set fields of a task, so that its template no longer sets them.

    Call this before saving the task, wherever people edit tasks.

    Args:
        task: The task, which is changed but not saved.
        names: The names of the fields. Those that no template sets are ignored.

    Returns:
        The sorted names of all detached fields.

    Costs no query.
    """
    subject = _find_subject(task)
    locked = _find_lock(subject)
    kept = set(getattr(task, locked) or ())
    setattr(task, locked, sorted(kept | (set(names) & list_template_fields(subject))))
    return list(getattr(task, locked))


def attach_fields(task: Any, names: Iterable[str]) -> None:
    """Give fields of a task back to its template, which sets them immediately.

    Args:
        task: The task, which is updated in the database and then reloaded.
        names: The names of the fields.

    Costs about eight queries.
    """
    subject = _find_subject(task)
    locked = _find_lock(subject)
    with transaction.atomic(using=router.db_for_write(subject.records)):
        remaining = sorted(set(getattr(task, locked) or ()) - set(names))
        type(task)._base_manager.filter(pk=task.pk).update(**{locked: remaining})
        rows = subject.records._base_manager.filter(task=task.pk).select_related("template")
        for record in list(rows):
            # The template checks a task again only if its inputs have changed.
            type(record)._base_manager.filter(pk=record.pk).update(inputs="")
            about: Any = record
            owner = get_subject(about.subject_key)
            run_subject(owner, [about.subject_id], templates=[about.template])
    task.refresh_from_db()


def list_template_fields(subject: Subject) -> set[str]:
    """Return the names of a task's fields that templates set."""
    shape = subject.shape
    columns = [shape.due_at, shape.title, shape.description, *shape.from_subject]
    columns += [name for name in (shape.earliest, shape.latest) if name is not None]
    columns += [shape.assignee] if shape.assignee else []
    return {name.removesuffix("_id") for name in columns}


def _find_subject(task: Any) -> Subject:
    for subject in list_subjects():
        if isinstance(task, subject.tasks):
            return subject
    raise SubjectError(f"No registered subject has tasks of type {type(task).__name__}.")


def _find_lock(subject: Subject) -> str:
    if subject.shape.locked is None:
        raise SubjectError(
            f"Tasks of {subject.key!r} do not protect what a person has set: name a field for it, "
            'TaskShape(locked="locked_fields").'
        )
    return subject.shape.locked
