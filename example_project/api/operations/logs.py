"""Logging: one line for each event, as JSON in production, without secrets."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.encoding import escape_uri_path

from django_modernize.context import get_context

__all__ = ["JsonFormatter", "LineFormatter", "SecretPathFilter", "build_logging", "describe_path"]

SECRET_NAMES: Final = frozenset({"code", "key", "secret", "signature", "token", "uidb64"})
"""Parts of an address that open something; they are named so in the routes."""

LONG_PART: Final = re.compile(r"[^/]{32,}")
"""A part of an unknown address that may be a secret with a slip: none of ours is shorter."""


def describe_path(request: HttpRequest) -> str:
    """Return the path of a request without the query string, with secret parts as asterisks.

    Characters that could break a line, or color a terminal, are percent-encoded.
    """
    path = request.path
    match = _find_route(request)
    if match is None:
        return str(escape_uri_path(LONG_PART.sub("***", path)))
    for name, value in match.kwargs.items():
        if name in SECRET_NAMES:
            path = path.replace(str(value), "***")
    return str(escape_uri_path(path))


def _find_route(request: HttpRequest) -> ResolverMatch | None:
    """Return the route of a request.

    A middleware may have answered before the URL was resolved: with a redirect to HTTPS, or to
    the URL with a trailing slash.
    """
    found: ResolverMatch | None = getattr(request, "resolver_match", None)
    if found is not None:
        return found
    for path in (request.path_info, f"{request.path_info}/"):
        try:
            return resolve(path, getattr(request, "urlconf", None))
        except Resolver404:
            continue
    return None


class SecretPathFilter(logging.Filter):
    """Removes secrets from the paths that Django logs with a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let every record pass."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(
                describe_path(request) if argument == request.path else argument
                for argument in record.args
            )
        return True


class JsonFormatter(logging.Formatter):
    """A line of JSON: time, level, logger, message, request id and the given facts.

    Facts are passed as ``extra={"facts": {...}}``; no other attribute is shown.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := get_context().request_id:
            said["request_id"] = str(request_id)
        said |= getattr(record, "facts", {})
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


class LineFormatter(logging.Formatter):
    """A line for people, with the beginning of the request id."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = super().format(record)
        request_id = get_context().request_id
        return f"{line} [{str(request_id)[:8]}]" if request_id else line


def build_logging(*, form: str, level: str) -> dict[str, Any]:
    """Return Django's ``LOGGING``: everything goes to stderr.

    Args:
        form: ``json`` or ``line``.
        level: The minimum level, such as ``INFO``.
    """
    formatter = JsonFormatter if form == "json" else LineFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": f"{__name__}.{formatter.__name__}"}},
        "filters": {"secrets": {"()": f"{__name__}.{SecretPathFilter.__name__}"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "chosen",
                "filters": ["secrets"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # No handlers of its own, so that nothing is logged twice or in another format.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # 404s and 403s are in the line of the request.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # It logs each finished task twice, and logs failures as errors.
            "django_tasks": {"level": "WARNING"},
            "django.tasks": {"level": "WARNING"},
        },
    }
