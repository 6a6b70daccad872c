"""The task that a worker runs: whatever an import has to be done next."""

from django.db import transaction

from api.services.background import background_task, enqueue

__all__ = ["enqueue_work", "run_work", "work_on_plan"]


def work_on_plan(plan_id: int) -> None:
    """Read the file of a plan, or apply it, as its status says.

    Args:
        plan_id: The plan's primary key.

    May be delivered twice, and after a worker was killed: what is done is not done again.
    """
    from .working import do_work  # it enqueues this very task

    do_work(plan_id)


@background_task
def run_work(plan_id: int) -> None:
    """Work on a plan, as the task that stands in the queue."""
    work_on_plan(plan_id)


def enqueue_work(plan_id: int) -> None:
    """Hand a plan to the project's workers once it is stored; without any it is done at once."""
    transaction.on_commit(lambda: enqueue(run_work, plan_id))
