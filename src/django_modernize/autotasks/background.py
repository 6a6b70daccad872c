"""The background task that runs the rules for a range of audit events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..compat import find_task_decorator

__all__ = ["enqueue_run", "run_events"]


def make_task(function: Callable[..., Any]) -> Any:
    """Return a function as a background task, or unchanged without a task framework.

    Queues store the import path of a task, so the task has the function's own name.
    """
    decorate = find_task_decorator()
    return function if decorate is None else decorate(function)


@make_task
def run_events(subject_key: str, using: str, first: int, last: int) -> None:
    """Run the background templates for a range of events.

    Args:
        subject_key: The kind of subject.
        using: The alias of the database.
        first: The id of the first event.
        last: The id of the last event.

    The task is idempotent, so it may be delivered twice.
    """
    from . import running  # it enqueues this very task
    from .occasions import load_events
    from .planning import load_templates
    from .subjects import get_subject

    subject = get_subject(subject_key)
    later = [one for one in load_templates(subject) if one.runs_after_commit]
    events = load_events(subject, using, after=first - 1, until=last)
    running.run_events(subject, events, templates=later, using=using)


def enqueue_run(subject_key: str, using: str, first: int, last: int) -> Any:
    """Enqueue the run for the project's workers, or run it now without a task framework."""
    if hasattr(run_events, "enqueue"):
        return run_events.enqueue(subject_key, using, first, last)
    return run_events(subject_key, using, first, last)
