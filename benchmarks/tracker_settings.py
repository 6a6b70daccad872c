"""Settings of the measurements beside the peers that tell what changed."""

from .settings import *  # noqa: F403
from .settings import INSTALLED_APPS as SHARED_APPS

INSTALLED_APPS = [*SHARED_APPS, "benchmarks.trackers"]
