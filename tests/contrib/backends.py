"""Backends whose tasks take the context along."""

from django_modernize.contrib.tasks import ContextTaskBackendMixin

from .tasks import ImmediateBackend


class ContextBackend(ContextTaskBackendMixin, ImmediateBackend):
    """Runs a task at once, in its own context."""


class LaterBackend(ContextBackend):
    """Keeps tasks as a queue would, until a worker asks for them."""

    def __init__(self, alias, params):
        super().__init__(alias, params)
        self.queue = []

    def _execute_task(self, task_result):
        self.queue.append(task_result)

    def work(self):
        while self.queue:
            super()._execute_task(self.queue.pop(0))
