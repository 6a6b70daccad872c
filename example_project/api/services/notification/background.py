"""The delivery as a task of the project's workers, where there is a framework for it."""

from api.services.background import background_task, enqueue

__all__ = ["enqueue_delivery", "run_delivery"]


@background_task
def run_delivery(recipient_ids: list[int]) -> None:
    """Deliver what waits for some people; may be run twice."""
    from .delivery import deliver_notices  # it needs the app registry

    deliver_notices(recipient_ids)


def enqueue_delivery(recipient_ids: list[int]) -> None:
    """Hand the delivery to the workers; without a task framework it is done at once."""
    enqueue(run_delivery, recipient_ids)
