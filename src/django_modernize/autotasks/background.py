"""The task that a worker runs: the rules for a stretch of the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..compat import find_task_decorator

__all__ = ["enqueue_run", "run_events"]


def make_task(function: Callable[..., Any]) -> Any:
    """Return a function as a background task, or as it is without a task framework.

    Queues keep the path of a task and look it up again, so the task has the function's own name.
    """
    decorate = find_task_decorator()
    return function if decorate is None else decorate(function)


@make_task
def run_events(subject_key: str, using: str, first: int, last: int) -> None:
    """Run the templates that run in the background, for what events tell of.

    Args:
        subject_key: The kind of subject.
        using: The alias of the database.
        first: The number of the first event.
        last: The number of the last one.

    May be delivered twice: what is there already is not made again.
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
    """Hand the run to the project's workers; without a task framework it is done at once."""
    if hasattr(run_events, "enqueue"):
        return run_events.enqueue(subject_key, using, first, last)
    return run_events(subject_key, using, first, last)
