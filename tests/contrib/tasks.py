"""Django's tasks where Django has them, and their backport where it has not."""

try:
    from django.tasks import task, task_backends
    from django.tasks.backends.immediate import ImmediateBackend
except ImportError:
    from django_tasks import task, task_backends
    from django_tasks.backends.immediate import ImmediateBackend

__all__ = ["ImmediateBackend", "task", "task_backends"]
