"""The background task of an import, which does whatever is next."""

from django.db import transaction

from api.services.background import background_task, enqueue

__all__ = ["enqueue_work", "run_work", "work_on_plan"]


def work_on_plan(plan_id: int) -> None:
    """Read the file of a plan, or apply it, depending on its status.

    Args:
        plan_id: The plan's primary key.

    May run twice, and after a worker was killed: finished work is not repeated.
    """
    from .working import do_work  # it enqueues this very task

    do_work(plan_id)


@background_task
def run_work(plan_id: int) -> None:
    """Work on a plan, as a queued task."""
    work_on_plan(plan_id)


def enqueue_work(plan_id: int) -> None:
    """Enqueue work on a plan after the commit; without a task framework it is done at once."""
    transaction.on_commit(lambda: enqueue(run_work, plan_id))
