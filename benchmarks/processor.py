"""Processor time of this process, and of the PostgreSQL backend that serves it."""

import time
from pathlib import Path

from django.db import connection

__all__ = ["read_client_seconds", "read_server_seconds"]

NANOSECONDS = 1e9


def read_client_seconds() -> float:
    """Return how long this process has used a processor; on SQLite that is all there is."""
    return time.process_time()


def read_server_seconds() -> float | None:
    """Return how long the connection's backend has used a processor.

    ``None`` where it cannot be known: on SQLite, which has no server, and for a server on
    another machine or a system without ``/proc``.
    """
    if connection.vendor != "postgresql":
        return None
    connection.ensure_connection()
    process = Path("/proc", str(connection.connection.info.backend_pid))
    try:
        # The backend of a remote server has a number that means somebody else here.
        if not process.joinpath("cmdline").read_bytes().startswith(b"postgres"):
            return None
        # Finer than /proc/PID/stat, which counts in hundredths of a second.
        return int(process.joinpath("schedstat").read_text().split()[0]) / NANOSECONDS
    except OSError:
        return None
