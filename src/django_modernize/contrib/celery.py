"""Pass the change context on to Celery tasks. Requires the ``celery`` extra."""

from typing import Any, Final

from celery import signals

from ..context import ChangeContext, change_context, get_context

__all__ = ["carry_context"]

HEADER: Final = "change_context"
"""The name of the message header with the context."""

OPEN_BLOCK: Final = "change_context_block"
"""The attribute of a running task's request that holds its open context block."""


def carry_context() -> None:
    """Run each task in the context in which it was enqueued.

    Call it where you create the Celery application, in the processes that enqueue tasks and in the
    workers. Tasks need no changes. Retries, chains and groups work too, since what a task enqueues
    has its context. Calling it again has no effect.

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
    """Add the active context to a message. Receiver of ``before_task_publish``.

    Args:
        headers: The headers of the message, which are changed in place.
        **kwargs: The other arguments of the signal.
    """
    headers.setdefault(HEADER, get_context().to_dict())


def open_context(task: Any, **kwargs: Any) -> None:
    """Activate the context passed on with a task. Receiver of ``task_prerun``."""
    values = task.request.get(HEADER)
    # A task called eagerly, without a message, has the context of its caller.
    if values is not None:
        block = change_context(ChangeContext.from_dict(values))
        block.__enter__()
        setattr(task.request, OPEN_BLOCK, block)


def close_context(task: Any, **kwargs: Any) -> None:
    """Close the context from :func:`open_context`. Receiver of ``task_postrun``."""
    block = getattr(task.request, OPEN_BLOCK, None)
    if block is not None:
        block.__exit__()
