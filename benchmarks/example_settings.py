"""Settings of the benchmarks of AriStay: its own, on the database that is measured."""

import os
from pathlib import Path
from tempfile import gettempdir

os.environ.setdefault("ARISTAY_DEBUG", "1")  # for a secret key

from aristay.settings import *  # noqa: F403

from .database import choose_database

# Else Django remembers every statement.
DEBUG = False
MEDIA_ROOT = Path(gettempdir()) / "aristay-benchmark"
DATABASES = {"default": choose_database()}
