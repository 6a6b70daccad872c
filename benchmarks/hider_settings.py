"""Settings of the measurements beside the peers that hide rows."""

from .settings import *  # noqa: F403
from .settings import INSTALLED_APPS as SHARED_APPS
from .settings import MIGRATION_MODULES as SHARED_MIGRATIONS

INSTALLED_APPS = [*SHARED_APPS, "safedelete", "softdelete", "benchmarks.hiders"]
# Its migrations are written for one kind of primary key.
MIGRATION_MODULES = {**SHARED_MIGRATIONS, "softdelete": None}
