"""Takes the change context along with a Celery task; needs the extra ``celery``."""

from typing import Any, Final

from celery import signals

from ..context import ChangeContext, change_context, get_context

__all__ = ["carry_context"]

HEADER: Final = "change_context"
"""What the context is called among the headers of a message."""

OPEN_BLOCK: Final = "change_context_block"
"""Where the request of a running task keeps the block that is open around it."""


def carry_context() -> None:
    """Have each task run in the context in which it was enqueued.

    Call it where the application is made, in the processes that enqueue and in the workers. Tasks
    stay as they are, and so do retries, chains and groups: what a task enqueues has its context.
    Calling it again changes nothing.

    >>> app = celery.Celery("project")  # doctest: +SKIP
    >>> carry_context()  # doctest: +SKIP
    """
    for signal, receiver in (
        (signals.before_task_publish, add_header),
        (signals.task_prerun, open_context),
        (signals.task_postrun, close_context),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=f"{__name__}.{receiver.__name__}")


def add_header(headers: dict[str, Any], **kwargs: Any) -> None:
    """Write the active context into a message; receives ``before_task_publish``.

    Args:
        headers: Those of the message, which are changed in place.
        **kwargs: What else the signal tells.
    """
    headers.setdefault(HEADER, get_context().to_dict())


def open_context(task: Any, **kwargs: Any) -> None:
    """Open the context that came with a task; receives ``task_prerun``."""
    values = task.request.get(HEADER)
    # A task that is called eagerly, without a message, has the context of its caller.
    if values is not None:
        block = change_context(ChangeContext.from_dict(values))
        block.__enter__()
        setattr(task.request, OPEN_BLOCK, block)


def close_context(task: Any, **kwargs: Any) -> None:
    """Close what :func:`open_context` opened; receives ``task_postrun``."""
    block = getattr(task.request, OPEN_BLOCK, None)
    if block is not None:
        block.__exit__()
