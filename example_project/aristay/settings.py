"""AriStay's settings: safe for production unless the environment says otherwise.

| variable | meaning | default |
|---|---|---|
| ``ARISTAY_DEBUG`` | development mode: 1 or 0 | 0 |
| ``ARISTAY_SECRET_KEY`` | signs sessions; required unless in development | |
| ``ARISTAY_ALLOWED_HOSTS`` | host names, comma-separated | none; in development this machine |
| ``ARISTAY_TRUSTED_ORIGINS`` | origins that may post forms, as ``https://host`` | none |
| ``ARISTAY_HTTPS`` | cookies and redirects for HTTPS only: 1 or 0 | 1; in development 0 |
| ``ARISTAY_PROXY_HTTPS`` | a proxy sets ``X-Forwarded-Proto``: 1 or 0 | 0 |
| ``ARISTAY_PROXIES`` | how many proxies append to ``X-Forwarded-For`` | 0 |
| ``ARISTAY_TIME_ZONE`` | zone of the pages and of new properties | America/New_York |
| ``ARISTAY_CURRENCY`` | currency of imported earnings | USD |
| ``ARISTAY_URL`` | where people find AriStay, for links in mails | ``http://localhost:8000/`` |
| ``ARISTAY_PUSH_BACKEND`` | the class that reaches phones | one that only logs |
| ``ARISTAY_MEDIA_ROOT`` | folder of the photos, which nobody else serves | ``var/media`` |
| ``ARISTAY_STATIC_ROOT`` | folder of the collected static files | ``var/static`` |
| ``ARISTAY_HSTS_SECONDS`` | how long browsers insist on HTTPS | 30 days |
| ``ARISTAY_CACHE`` | ``database``, or each process's ``memory`` | database; in development memory |
| ``ARISTAY_TASKS`` | background work: ``immediate``, or ``database`` with a worker | immediate |
| ``ARISTAY_EMAIL_URL`` | ``smtp://…`` or ``smtps://…`` | this machine; in development the log |
| ``ARISTAY_EMAIL_FROM`` | the sender of mails | ``AriStay <aristay@localhost>`` |
| ``ARISTAY_LOG_FORMAT`` | ``json`` or ``line`` | json; in development line |
| ``ARISTAY_LOG_LEVEL`` | ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR`` | INFO |
| ``ARISTAY_FEATURES`` | shares of a roll-out, as ``portal=25,api=0`` | 100 for each |
| ``DATABASE_URL`` | ``postgresql://…`` or ``sqlite:///…`` | ``var/aristay.sqlite3`` |
"""

import os
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy

from api.operations.logs import build_logging

from . import content_policy
from .environment import (
    read_cache,
    read_choice,
    read_database,
    read_features,
    read_flag,
    read_list,
    read_mail,
    read_number,
    read_secret_key,
)

PROJECT_DIR = Path(__file__).resolve().parent.parent
ROOT_DIR = PROJECT_DIR.parent

DEBUG = read_flag("ARISTAY_DEBUG", default=False)
SECRET_KEY = read_secret_key(debug=DEBUG)
ALLOWED_HOSTS = read_list("ARISTAY_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = read_list("ARISTAY_TRUSTED_ORIGINS")

HTTPS_ONLY = read_flag("ARISTAY_HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
MONTH_SECONDS = 60 * 60 * 24 * 30
SECURE_HSTS_SECONDS = (
    read_number("ARISTAY_HSTS_SECONDS", default=MONTH_SECONDS) if HTTPS_ONLY else 0
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if read_flag("ARISTAY_PROXY_HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "api",
    "django_modernize",
    "django_modernize.audit",
    "django_modernize.softdelete",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "lucide",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
]

MIDDLEWARE = [
    "api.operations.health.HealthMiddleware",
    # It looks up the user only when something is written, so it can be this early.
    "django_modernize.middleware.ChangeContextMiddleware",
    "api.operations.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    content_policy.MIDDLEWARE,
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "api.operations.features.FeatureMiddleware",
    "api.portal.personal.PersonalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
SECURE_CSP = content_policy.POLICY

ROOT_URLCONF = "aristay.urls"
WSGI_APPLICATION = "aristay.wsgi.application"
ASGI_APPLICATION = "aristay.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "api.portal.navigation.show_navigation",
            ]
        },
    }
]

MEDIA_ROOT = Path(os.environ.get("ARISTAY_MEDIA_ROOT", ROOT_DIR / "var" / "media"))
# Photos are private: no web server serves them, and they have no URL of their own.
MEDIA_URL = ""
# For a checklist of some hundred items: the admin submits two values for each field.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_HANDLERS = [
    "django_modernize.uploads.handlers.UploadLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

DATABASES = {"default": read_database(default_file=ROOT_DIR / "var" / "aristay.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "api.User"
AUTHENTICATION_BACKENDS = ["api.services.permission.backend.RoleBackend"]
PASSWORD_HASHERS = [
    # Memory-hard, which makes guessing passwords expensive; needs no extra package.
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    # Older hashes are upgraded at the next login.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "api.services.accounts.passwords.TokenRevoker"})

CSRF_FAILURE_VIEW = "api.portal.errors.show_unproven"
LOGIN_URL = "portal:sign_in"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:sign_in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", gettext_lazy("English")), ("de", gettext_lazy("German"))]
LOCALE_PATHS = [PROJECT_DIR / "locale"]
USE_TZ = True
TIME_ZONE = os.environ.get("ARISTAY_TIME_ZONE", "America/New_York")
ARISTAY_URL = os.environ.get("ARISTAY_URL", "http://localhost:8000/")
ARISTAY_PUSH_BACKEND = os.environ.get(
    "ARISTAY_PUSH_BACKEND", "api.services.notification.push.LoggingPush"
)
ARISTAY_CURRENCY = os.environ.get("ARISTAY_CURRENCY", "USD")

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("ARISTAY_STATIC_ROOT", ROOT_DIR / "var" / "static"))
if not DEBUG:
    # In development Django serves static files itself, without collecting them.
    behind = MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1
    MIDDLEWARE.insert(behind, "whitenoise.middleware.WhiteNoiseMiddleware")
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

CACHES = {
    "default": read_cache(debug=DEBUG),
    # Each process counts requests for itself.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "process",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

if read_choice("ARISTAY_TASKS", ["immediate", "database"], default="immediate") == "database":
    # Its worker is `manage.py work`; otherwise background work runs within the request.
    INSTALLED_APPS.append("django_tasks_db")
    TASKS = {"default": {"BACKEND": "api.operations.queue.ContextDatabaseBackend"}}

# Settings whose names differ between Django's versions.
globals().update(read_mail(debug=DEBUG))
DEFAULT_FROM_EMAIL = os.environ.get("ARISTAY_EMAIL_FROM") or "AriStay <aristay@localhost>"

ARISTAY_FEATURES = read_features(["api", "portal"])

SILENCED_SYSTEM_CHECKS = [
    # Records of created tasks stay with a deleted template, and are purged with it.
    "modernize.W302",
    # Only the owner of the whole domain should request a place in the browsers' preload list.
    "security.W021",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.rest.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["api.rest.filters.HouseFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "api.rest.pagination.PositionPagination",
    "DEFAULT_SCHEMA_CLASS": "api.rest.schema.HouseSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "api.rest.throttles.UserThrottle",
        "api.rest.throttles.AddressThrottle",
    ],
    "EXCEPTION_HANDLER": "api.rest.problems.answer_problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
ARISTAY_RATES = {
    "user": "600/min",
    "address": "1200/min",
    "log_in_address": "20/min",
    "log_in_name": "10/min",
}
REST_KNOX = {"TOKEN_TTL": timedelta(hours=10)}
SPECTACULAR_SETTINGS = {
    "TITLE": "AriStay",
    "DESCRIPTION": "Houses, bookings, tasks and stock of a company that lets houses.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Several tables have a status; each needs its own name in the document.
    "ENUM_NAME_OVERRIDES": {
        "BookingStatus": "api.models.booking.BookingStatus",
        "ImportRowAction": "api.models.import_plan.RowAction",
        "ImportStatus": "api.models.import_plan.PlanStatus",
        "LostFoundStatus": "api.models.inventory.LostFoundStatus",
        "PhotoStatus": "api.models.task_image.ImageStatus",
        "TaskStatus": "api.models.task_choices.TaskStatus",
    },
}

# Which rows a model's refusal may name; models know nothing of permissions.
ARISTAY_NAMEABLE_ROWS = "api.services.permission.list_nameable"

MODERNIZE = {
    "SOURCES": {"ical": gettext_lazy("calendar feed")},
    "CONFLICT_VISIBILITY": "api.services.permission.may_name_row",
    "REQUEST_SOURCES_BY_PREFIX": {"/api/": "api"},
    "TRUSTED_PROXY_COUNT": read_number("ARISTAY_PROXIES", default=0),
}

LOGGING = build_logging(
    form=read_choice("ARISTAY_LOG_FORMAT", ["json", "line"], default="line" if DEBUG else "json"),
    level=read_choice("ARISTAY_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], default="INFO"),
)
