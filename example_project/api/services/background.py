"""Work that is done after the answer: by a worker where there is a queue, else at once."""

from collections.abc import Callable
from typing import Any

from django_modernize.compat import find_task_decorator

__all__ = ["background_task", "enqueue"]


def background_task(function: Callable[..., Any]) -> Any:
    """Return a function as a task of the project's workers, or as it is without a framework.

    Queues keep the path of a task and look it up again, so it stands under the function's own name
    in its module: use it as a decorator.
    """
    decorate = find_task_decorator()
    return function if decorate is None else decorate(function)


def enqueue(task: Any, *arguments: Any) -> None:
    """Hand a task to the queue that ``TASKS`` names; without a framework it is done at once."""
    if hasattr(task, "enqueue"):
        task.enqueue(*arguments)
    else:
        task(*arguments)
