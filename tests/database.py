"""The database that ``DATABASE_URL`` names, for the library's own tests: SQLite unless told."""

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def read_database_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` or ``sqlite:///`` address.

    Written here, so that the library's tests need no package beside Django and its driver.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # IMMEDIATE: a reader that turns writer late fails at once with "database is locked".
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # A test database need not survive a power cut.
                "init_command": "PRAGMA synchronous = OFF",
            },
        }
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": query.get("port") or str(parts.port or ""),
    }


DATABASE = read_database_url(os.environ.get("DATABASE_URL", "sqlite:///:memory:"))
