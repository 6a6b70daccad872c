"""Takes the change context along with a background task.

For backends of ``django.tasks`` (Django 6) and of its backport ``django-tasks`` alike: neither is
imported here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, Final

from django.utils.module_loading import import_string

from ..context import ChangeContext, change_context, get_context

__all__ = ["ContextTaskBackendMixin"]

CONTEXT_ARGUMENT: Final = "_change_context"
"""The keyword argument that carries the context; the task's function never sees it."""


class ContextTaskBackendMixin:
    """Gives the tasks of a backend the context in which they were enqueued.

    >>> class ContextBackend(ContextTaskBackendMixin, ImmediateBackend):  # doctest: +SKIP
    ...     pass

    Name the class in ``TASKS``. Tasks stay as they are: who enqueues one is the actor of what it
    changes, also hours later and in another process. A user is looked up when something is
    written, or not at all: the key and the name travel.
    """

    task_class: type[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not issubclass(cls.task_class, _ContextTask):
            cls.task_class = type("ContextTask", (_ContextTask, cls.task_class), {})

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Enqueue a task together with the active context."""
        # One that was declared for another backend would get the argument into its function.
        if isinstance(task, _ContextTask):
            kwargs = {CONTEXT_ARGUMENT: get_context().to_dict(), **kwargs}
        enqueue = super().enqueue  # type: ignore[misc]
        return enqueue(task, args, kwargs)


class _ContextTask:
    """What a task does more: it opens the context that came with it."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        with _open_context(kwargs):
            return super().call(*args, **kwargs)  # type: ignore[misc]

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is made for a backend, and cannot be found by its name.
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
