"""Delivery as a background task, if there is a task framework."""

from api.services.background import background_task, enqueue

__all__ = ["enqueue_delivery", "run_delivery"]


@background_task
def run_delivery(recipient_ids: list[int]) -> None:
    """Deliver the pending notifications of some people; may run twice."""
    from .delivery import deliver_notices  # it needs the app registry

    deliver_notices(recipient_ids)


def enqueue_delivery(recipient_ids: list[int]) -> None:
    """Enqueue the delivery; without a task framework, deliver at once."""
    enqueue(run_delivery, recipient_ids)
