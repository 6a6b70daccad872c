"""The task that a worker runs: whatever an import has to be done next."""

from typing import Any

from django.db import transaction

from django_modernize.compat import find_task_decorator

__all__ = ["enqueue_work", "work_on_plan"]


def work_on_plan(plan_id: int) -> None:
    """Read the file of a plan, or apply it, as its status says.

    Args:
        plan_id: The plan's primary key.

    May be delivered twice, and after a worker was killed: what is done is not done again.
    """
    from .working import do_work  # it enqueues this very task

    do_work(plan_id)


def enqueue_work(plan_id: int) -> None:
    """Hand a plan to the project's workers once it is stored; without any it is done at once."""
    transaction.on_commit(lambda: _deliver(plan_id))


def _deliver(plan_id: int) -> Any:
    if TASK is None:
        return work_on_plan(plan_id)
    return TASK.enqueue(plan_id)


_decorate = find_task_decorator()
TASK: Any = _decorate(work_on_plan) if _decorate else None
