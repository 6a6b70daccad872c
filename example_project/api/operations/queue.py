"""The queue of AriStay's background work: a database table."""

from django_tasks_db.backend import DatabaseBackend

from django_modernize.contrib.tasks import ContextTaskBackendMixin

__all__ = ["ContextDatabaseBackend"]


class ContextDatabaseBackend(ContextTaskBackendMixin, DatabaseBackend):
    """A queue whose work is done on behalf of whoever asked for it."""
