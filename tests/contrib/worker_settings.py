"""Settings of a worker whose queue is a table of the database."""

from tests.contrib.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
