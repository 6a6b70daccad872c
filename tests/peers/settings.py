"""Settings of the tests with the packages that a project may come from."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

IS_POSTGRESQL = DATABASES["default"]["ENGINE"].endswith("postgresql")
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "auditlog",
    "reversion",
    "safedelete",
    "simple_history",
    "softdelete",
    # It writes by triggers of PostgreSQL alone.
    *(["pgtrigger", "pghistory"] if IS_POSTGRESQL else []),
    "django_modernize.contrib.audit_import",
    "tests.peers",
]
# Their tables point to the custom user, whose app has no migrations, so none of them may have any.
MIGRATION_MODULES = dict.fromkeys(
    ("admin", "auth", "auditlog", "contenttypes", "reversion", "sessions", "softdelete")
)
