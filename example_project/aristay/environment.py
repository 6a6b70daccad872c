"""Reads settings from environment variables, with a clear error for each."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core import mail as core_mail
from django.core.exceptions import ImproperlyConfigured

__all__ = [
    "read_cache",
    "read_choice",
    "read_database",
    "read_features",
    "read_flag",
    "read_list",
    "read_mail",
    "read_number",
    "read_secret_key",
]

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"", "0", "false", "no", "off"}

SQLITE_OPTIONS = {
    # A reader that becomes a writer fails at once with "database is locked"; this one waits.
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
    """Return the parts of a comma-separated variable, without blanks."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def read_number(name: str, *, default: int) -> int:
    """Return a whole number that is not negative.

    Raises:
        ImproperlyConfigured: The value is no such number.
    """
    text = os.environ.get(name) or str(default)
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def read_choice(name: str, choices: Sequence[str], *, default: str) -> str:
    """Return one of several words.

    Raises:
        ImproperlyConfigured: The value is none of them.
    """
    word = os.environ.get(name) or default
    if word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {word!r}.")
    return word


def read_features(names: Sequence[str]) -> dict[str, int]:
    """Return the percentage of users who have each feature.

    Args:
        names: The available features; each is on for everybody by default.

    Raises:
        ImproperlyConfigured: A feature is unknown, or its share is not from 0 to 100.
    """
    shares = dict.fromkeys(names, 100)
    for part in read_list("ARISTAY_FEATURES"):
        name, _, share = part.partition("=")
        if name not in shares or not share.isdecimal() or int(share) > 100:
            raise ImproperlyConfigured(
                f"ARISTAY_FEATURES has {part!r}; write NAME=SHARE, the name one of "
                f"{', '.join(names)}, the share from 0 to 100."
            )
        shares[name] = int(share)
    return shares


def read_cache(*, debug: bool) -> dict[str, Any]:
    """Return the default of Django's ``CACHES``.

    Limits of logins and requests are counted there, so in production one cache serves all
    processes: a table, since there is a database anyway.
    """
    kind = read_choice(
        "ARISTAY_CACHE", ["database", "memory"], default="memory" if debug else "database"
    )
    # Above this size, Django deletes a third at random, including the counts of failed logins.
    options = {"MAX_ENTRIES": 20_000}
    if kind == "memory":
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": options,
        }
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "aristay_cache",
        "OPTIONS": options,
    }


def read_mail(*, debug: bool) -> dict[str, Any]:
    """Return the settings with which this version of Django sends mail to ``ARISTAY_EMAIL_URL``.

    Args:
        debug: Whether mails are only logged if no server is set.

    Raises:
        ImproperlyConfigured: The address is not ``smtp://`` or ``smtps://``.
    """
    address = os.environ.get("ARISTAY_EMAIL_URL", "")
    if debug and not address:
        backend, options = "django.core.mail.backends.console.EmailBackend", {}
    else:
        backend = "django.core.mail.backends.smtp.EmailBackend"
        options = _read_mail_server(address or "smtp://localhost:25")
    if not hasattr(core_mail, "mailers"):
        names = {"username": "host_user", "password": "host_password"}
        old = {f"EMAIL_{names.get(key, key).upper()}": value for key, value in options.items()}
        return {"EMAIL_BACKEND": backend, **old}
    return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}


def _read_mail_server(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            "ARISTAY_EMAIL_URL must be smtp://user:password@host:587 (STARTTLS where there is a "
            "user) or smtps://user:password@host:465."
        )
    is_wrapped = parts.scheme == "smtps"
    return {
        "host": parts.hostname,
        "port": parts.port or (465 if is_wrapped else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": is_wrapped,
        # A password is never sent unencrypted.
        "use_tls": not is_wrapped and bool(parts.username),
        "timeout": 10,
    }


def read_secret_key(*, debug: bool) -> str:
    """Return the secret key; only development mode has a built-in one.

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
    """Return Django's settings for the database in ``DATABASE_URL``.

    Args:
        default_file: The SQLite file to use where the variable is not set or empty; its folder is
            made.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        default_file.parent.mkdir(exist_ok=True)
        url = f"sqlite:///{default_file}"
    database: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=60)}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {**SQLITE_OPTIONS, **database.get("OPTIONS", {})}
        # A file, since two connections to an in-memory database would share its lock.
        database["TEST"] = {"NAME": default_file.with_name("test_aristay.sqlite3")}
    else:
        database["CONN_HEALTH_CHECKS"] = True
        # In seconds; an unresponsive server should fail, not block for minutes.
        database["OPTIONS"] = {"connect_timeout": 5, **database.get("OPTIONS", {})}
    return database
