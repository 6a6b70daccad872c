"""Work done after the response: by a worker if there is a queue, otherwise immediately."""

from collections.abc import Callable
from typing import Any

from django_modernize.compat import find_task_decorator

__all__ = ["background_task", "enqueue"]


def background_task(function: Callable[..., Any]) -> Any:
    """Return a function as a background task, or unchanged if there is no task framework.

    Queues keep the path of a task and look it up again, so it stands under the function's own name
    in its module: use it as a decorator.
    """
    decorate = find_task_decorator()
    return function if decorate is None else decorate(function)


def enqueue(task: Any, *arguments: Any) -> None:
    """Enqueue a task in the queue that ``TASKS`` configures; without a framework, run it now."""
    if hasattr(task, "enqueue"):
        task.enqueue(*arguments)
    else:
        task(*arguments)
