"""Settings with ``AUDITLOG_LOGENTRY_MODEL``."""

from tests.peers.settings import *  # noqa: F403
from tests.peers.settings import INSTALLED_APPS as PEERS

INSTALLED_APPS = [app for app in PEERS if app != "tests.peers"] + ["tests.peers.own_entries"]
AUDITLOG_LOGENTRY_MODEL = "own_entries.OwnEntry"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DATABASE_ROUTERS: list[str] = []
