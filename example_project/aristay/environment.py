"""Reads settings from environment variables, each with a clear complaint."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

__all__ = ["read_database", "read_flag", "read_list", "read_secret_key"]

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"", "0", "false", "no", "off"}

SQLITE_OPTIONS = {
    # A reader that turns writer late fails at once with "database is locked"; this one waits.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def read_flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable.

    Raises:
        ImproperlyConfigured: The value is neither a yes nor a no.
    """
    if name not in os.environ:
        return default
    word = os.environ[name].strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {os.environ[name]!r}.")
    return word in TRUE_WORDS


def read_list(name: str) -> list[str]:
    """Return the parts of a comma-separated variable, blanks left out."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def read_secret_key(*, debug: bool) -> str:
    """Return the secret key; only development runs with a known one.

    Raises:
        ImproperlyConfigured: Neither a key nor debug mode is set.
    """
    key = os.environ.get("ARISTAY_SECRET_KEY", "")
    if key or debug:
        return key or "only-for-development-and-known-to-everybody-who-reads-this"
    raise ImproperlyConfigured(
        "Set ARISTAY_SECRET_KEY to a long random text, or ARISTAY_DEBUG=1 for development."
    )


def read_database(*, default_file: Path) -> dict[str, Any]:
    """Return Django's settings for the database that ``DATABASE_URL`` names.

    Args:
        default_file: The SQLite file to use where the variable is not set; its folder is made.
    """
    if not os.environ.get("DATABASE_URL"):
        default_file.parent.mkdir(exist_ok=True)
    database: dict[str, Any] = {
        **dj_database_url.config(default=f"sqlite:///{default_file}", conn_max_age=60)
    }
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {**SQLITE_OPTIONS, **database.get("OPTIONS", {})}
        # A file, since two connections cannot share a database in memory without sharing its lock.
        database["TEST"] = {"NAME": default_file.with_name("test_aristay.sqlite3")}
    else:
        database["CONN_HEALTH_CHECKS"] = True
    return database
