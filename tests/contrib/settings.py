"""Settings of the tests of the optional bridges: the library's own, and the packages they go to."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MODERNIZE

ROOT_URLCONF = "tests.contrib.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework", "django_tasks_db"]
MODERNIZE = {**MODERNIZE, "REQUEST_SOURCES_BY_PREFIX": {"/api/": "api"}}
TASKS = {
    "default": {"BACKEND": "tests.contrib.backends.LaterBackend"},
    "plain": {"BACKEND": "tests.contrib.tasks.ImmediateBackend"},
}
