"""Distinguishes an outage, which passes, from a bug."""

import errno
import sqlite3
from enum import Enum
from typing import Any, Final

from django.db import DatabaseError, InterfaceError

__all__ = ["Outage", "find_outage", "list_outage_headers"]

RETRY_SECONDS: Final = 30

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

# SQLSTATE classes: connection, rolled back, no resources, in use, stopped by an operator.
PASSING_CLASSES: Final = {"08", "40", "53", "55", "57"}

PASSING_SQLITE: Final = (
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN"),
    *("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY"),
)


class Outage(Enum):
    """What is unavailable, as the HTTP status that says so."""

    DATABASE = 503
    STORAGE = 507


def find_outage(error: BaseException | None) -> Outage | None:
    """Return what is unavailable, if an error or its cause says so."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return Outage.STORAGE
        if isinstance(error, (DatabaseError, InterfaceError)) and _passes(error.__cause__):
            return Outage.DATABASE
        error = error.__cause__ or error.__context__
    return None


def _passes(reason: Any) -> bool:
    """Return whether the driver's error is likely to pass within a minute."""
    if isinstance(reason, sqlite3.Error):
        return getattr(reason, "sqlite_errorname", "").startswith(PASSING_SQLITE)
    if not hasattr(reason, "sqlstate"):
        return False
    # A connection that broke, or was never established, has no SQLSTATE.
    state = reason.sqlstate
    return state[:2] in PASSING_CLASSES if state else _is_about_connection(reason)


def _is_about_connection(reason: Any) -> bool:
    return type(reason).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")


def list_outage_headers(outage: Outage | None) -> dict[str, str]:
    """Return the headers for an outage: when to try again."""
    return {"Retry-After": str(RETRY_SECONDS)} if outage is Outage.DATABASE else {}
