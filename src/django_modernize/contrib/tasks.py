"""Pass the change context on to background tasks.

This works with backends of ``django.tasks`` (Django 6) and of its backport ``django-tasks``.
Neither is imported here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, Final

from django.utils.module_loading import import_string

from ..context import ChangeContext, change_context, get_context

__all__ = ["ContextTaskBackendMixin"]

CONTEXT_ARGUMENT: Final = "_change_context"
"""The keyword argument with the context, which the task's function never sees."""


class ContextTaskBackendMixin:
    """Run the tasks of a backend in the context in which they were enqueued.

    >>> class ContextBackend(ContextTaskBackendMixin, ImmediateBackend):  # doctest: +SKIP
    ...     pass

    Use the class in ``TASKS``. Tasks need no changes: whoever enqueues a task is the actor of its
    changes, even hours later and in another process. Only the user's key and name are passed on, so
    the user is looked up when something is written, if at all.
    """

    task_class: type[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not issubclass(cls.task_class, _ContextTask):
            cls.task_class = type("ContextTask", (_ContextTask, cls.task_class), {})

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Enqueue a task together with the active context."""
        # A task declared for another backend would pass the argument to its function.
        if isinstance(task, _ContextTask):
            kwargs = {CONTEXT_ARGUMENT: get_context().to_dict(), **kwargs}
        enqueue = super().enqueue  # type: ignore[misc]
        return enqueue(task, args, kwargs)


class _ContextTask:
    """A task that activates the context passed on with it."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        with _open_context(kwargs):
            return super().call(*args, **kwargs)  # type: ignore[misc]

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is created for a backend and cannot be imported by name.
        values: dict[str, Any] = {
            one.name: getattr(self, one.name)
            for one in fields(self)  # type: ignore[arg-type]
            if one.name != "func"
        }
        return _restore_task, (self.module_path, values)  # type: ignore[attr-defined]

    async def acall(self, *args: Any, **kwargs: Any) -> Any:
        with _open_context(kwargs):
            return await super().acall(*args, **kwargs)  # type: ignore[misc]


def _restore_task(path: str, values: dict[str, Any]) -> Any:
    return replace(import_string(path), **values)


@contextmanager
def _open_context(kwargs: dict[str, Any]) -> Iterator[None]:
    values = kwargs.pop(CONTEXT_ARGUMENT, None)
    context = None if values is None else ChangeContext.from_dict(values)
    with change_context(context):
        yield
