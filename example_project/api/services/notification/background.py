"""The delivery as a task of the project's workers, where there is a framework for it."""

from typing import Any

from django_modernize.compat import find_task_decorator

__all__ = ["enqueue_delivery", "run_delivery"]


def run_delivery(recipient_ids: list[int]) -> None:
    """Deliver what waits for some people; may be run twice."""
    from .delivery import deliver_notices  # it needs the app registry

    deliver_notices(recipient_ids)


def enqueue_delivery(recipient_ids: list[int]) -> None:
    """Hand the delivery to the workers; without a task framework it is done at once."""
    if TASK is None:
        run_delivery(recipient_ids)
    else:
        TASK.enqueue(recipient_ids)


_decorate = find_task_decorator()
TASK: Any = _decorate(run_delivery) if _decorate else None
