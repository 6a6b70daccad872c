"""Settings of the benchmarks: the library and its audit trail, the peers, and nothing else."""

import os
from pathlib import Path
from tempfile import gettempdir

from .database import choose_database

SECRET_KEY = "only for benchmarks"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": choose_database()}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django_modernize",
    "django_modernize.audit",
    "django_modernize.softdelete",
    "auditlog",
    "simple_history",
    "benchmarks",
    "benchmarks.peers",
]
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    INSTALLED_APPS[-2:-2] = ["pgtrigger", "pghistory", "pghistory.admin"]
    # The models have no migrations that would install its triggers.
    PGTRIGGER_INSTALL_ON_MIGRATE = True
# The models have no migrations, and tables without cannot point to tables with them.
MIGRATION_MODULES = dict.fromkeys(("admin", "auditlog", "auth", "contenttypes", "sessions"))
# Emptied before each run of the uploads.
MEDIA_ROOT = Path(gettempdir()) / f"modernize_benchmarks_{os.getpid()}"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
