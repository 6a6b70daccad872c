"""Reports whether this process is alive, and whether it can do its work.

A middleware in front of all others, since a probe knows neither the host name nor a
password, and requests every few seconds do not belong in the log.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from django_modernize.triggers.installer import compare_triggers

__all__ = ["HealthMiddleware", "NotReady", "find_problems", "list_unapplied"]

LIVE_PATH: Final = "/health/live"
READY_PATH: Final = "/health/ready"
PATIENCE_MS: Final = 2000
"""How long a statement of a check may take in PostgreSQL, waiting for locks included."""

TRIGGER_SECONDS: Final = 60
"""How long triggers that were found in order are taken for it: comparing them reads every table's,
and anybody may ask."""

logger = logging.getLogger(__name__)


_sound: dict[str, float] = {"triggers": 0.0}
"""Until when, by the clock of the process, something need not be looked at again."""


class NotReady(Exception):
    """Something that the process needs is not available."""


class HealthMiddleware(MiddlewareMixin):
    """Answers ``/health/live`` and ``/health/ready``, and nothing else."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a probe; pass every other request on."""
        if request.method not in ("GET", "HEAD"):
            return None
        if request.path_info == LIVE_PATH:
            return _answer({"status": "ok"})
        if request.path_info == READY_PATH:
            return _answer_ready()
        return None


def find_problems() -> dict[str, str]:
    """Return the result of each check: ``ok``, ``failed``, or ``unknown`` if it was not run.

    The reason for a failure is logged and never sent, since anybody may ask.

    Costs three queries, on PostgreSQL each in a transaction with a time limit; once a minute also
    the comparison of the triggers, with two queries for each table.
    """
    outcomes = dict.fromkeys(CHECKS, "unknown")
    for name, check in CHECKS.items():
        if name in NEED_DATABASE and outcomes["database"] != "ok":
            continue
        outcomes[name] = "ok" if _passes(name, check) else "failed"
    return outcomes


def list_unapplied(using: str = "default") -> list[str]:
    """Return the unapplied migrations of a database.

    Args:
        using: The alias of the database.

    Costs one query, or two if none is applied.
    """
    loader = MigrationLoader(connections[using])
    unapplied = sorted(loader.graph.nodes.keys() - loader.applied_migrations.keys())
    return [f"{app}.{name}" for app, name in unapplied]


def _answer_ready() -> HttpResponse:
    outcomes = find_problems()
    is_ready = set(outcomes.values()) == {"ok"}
    status = "ok" if is_ready else "failed"
    return _answer({"status": status, "checks": outcomes}, status=200 if is_ready else 503)


def _answer(said: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return JsonResponse(said, status=status, headers={"Cache-Control": "no-store"})


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:
        # Whatever the error is, this process is not ready.
        logger.exception("The readiness check “%s” failed.", name)
        return False
    return True


@contextmanager
def _limiting_time() -> Iterator[None]:
    """Limit how long a statement can wait on PostgreSQL; readers of SQLite never wait."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        yield


def _check_database() -> None:
    with _limiting_time(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_migrations() -> None:
    with _limiting_time():
        unapplied = list_unapplied()
    if unapplied:
        raise NotReady(f"Not applied yet: {', '.join(unapplied)}. Run: manage.py migrate")


def _check_triggers() -> None:
    if time.monotonic() < _sound["triggers"]:
        return
    with _limiting_time():
        report = compare_triggers(connection)
    if not report.is_clean:
        raise NotReady("The triggers differ from the models. Run: manage.py check --database")
    _sound["triggers"] = time.monotonic() + TRIGGER_SECONDS


def _check_storage() -> None:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"probe")


def _check_cache() -> None:
    with _limiting_time():
        cache.get("health")


CHECKS: Final[Mapping[str, Callable[[], None]]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "triggers": _check_triggers,
    "storage": _check_storage,
    "cache": _check_cache,
}

NEED_DATABASE: Final = {"migrations", "triggers", "cache"}
"""What is not asked while there is no database: each would wait for it anew."""
