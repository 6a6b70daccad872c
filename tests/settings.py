"""Settings of the library's own tests."""

import os
from pathlib import Path
from tempfile import gettempdir

from .database import DATABASE

SECRET_KEY = "only for tests"
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "testapp.Person"
DATABASES = {"default": {**DATABASE, "TEST": {"NAME": None}}}
if DATABASE["ENGINE"].endswith("sqlite3"):
    # A file, since two connections cannot share a database in memory without sharing its lock;
    # one for each run, so that two runs at once do not take it from one another.
    test_file = Path(gettempdir()) / f"test_modernize_{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(test_file)}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django_modernize",
    "django_modernize.audit",
    "django_modernize.softdelete",
    "tests.testapp",
]
if DATABASE["ENGINE"].endswith("postgresql"):
    # For models with arrays and ranges; it imports the driver, which SQLite does without.
    INSTALLED_APPS.append("django.contrib.postgres")
# Tables of the custom user need those of auth, so both are made in one go, without migrations.
MIGRATION_MODULES = dict.fromkeys(("admin", "auth", "contenttypes", "sessions"))
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_modernize.middleware.ChangeContextMiddleware",
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
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
FILE_UPLOAD_HANDLERS = [
    "django_modernize.uploads.handlers.UploadLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Without libmagic where it is not installed: the library's own tests need nothing but Django.
MODERNIZE = {"SOURCES": {"channel": "channel manager"}, "UPLOAD_LIBMAGIC": "optional"}
