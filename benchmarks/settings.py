"""Settings of the benchmarks: the library and its audit trail, and nothing else that costs time."""

from .database import choose_database

SECRET_KEY = "only for benchmarks"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": choose_database()}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_modernize",
    "django_modernize.audit",
    "benchmarks",
]
# The models have no migrations, and tables without cannot point to tables with them.
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes"))
