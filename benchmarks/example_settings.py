"""Settings of the benchmarks of AriStay: its own, on the database that is measured."""

import os

os.environ.setdefault("ARISTAY_DEBUG", "1")  # for a secret key

from aristay.settings import *  # noqa: F403

from .database import choose_database

# Else Django remembers every statement.
DEBUG = False
DATABASES = {"default": choose_database()}
