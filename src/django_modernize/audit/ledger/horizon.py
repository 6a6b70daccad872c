"""Determine up to which id all events are final, so that no transaction can add an earlier one.

Ids are assigned when an event is written, but become visible when its transaction commits, so a
lower id can appear after a higher one.
"""

import time
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...exceptions import ModernizeError
from ...triggers.vendors import find_vendor

__all__ = ["SealingDelayed", "find_horizon"]

POLL_SECONDS: Final = 0.05

EVENT_TABLE: Final = "modernize_audit_event"

# A transaction that was assigned an id holds this lock until its end, or holds it only on a
# partition that it named. The OID of a table may be that of another table in another database.
WRITERS: Final = """
SELECT l.virtualtransaction, l.pid, coalesce(a.application_name, ''), a.xact_start
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.relation = %(table)s::regclass
    OR l.relation IN (SELECT relid FROM pg_partition_tree(%(table)s::regclass)))
  AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
"""


class SealingDelayed(ModernizeError):
    """Transactions that have written events are still open, so no events can be sealed."""


def find_horizon(connection: BaseDatabaseWrapper, wait: float) -> int:
    """Return the id up to which all events are final.

    Args:
        connection: The connection to the database.
        wait: How many seconds to wait for transactions that are writing.

    Raises:
        SealingDelayed: They took longer.

    This takes no lock, so no writer waits for it.
    """
    if connection.vendor != "postgresql":
        return _read_highest(connection)
    # Read the sequence first: any later writer of a lower id is among the writers awaited below.
    highest = _read_sequence(connection)
    _await_writers(connection, wait)
    return highest


def _read_highest(connection: BaseDatabaseWrapper) -> int:
    # SQLite has one writer at a time, so every assigned id is committed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM modernize_audit_event")
        return int(cursor.fetchone()[0])


def _read_sequence(connection: BaseDatabaseWrapper) -> int:
    sequence = find_vendor(connection).find_sequence(connection, EVENT_TABLE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 - a name of PostgreSQL's
        return int(cursor.fetchone()[0])


def _await_writers(connection: BaseDatabaseWrapper, wait: float) -> None:
    deadline = time.monotonic() + wait
    awaited = _read_writers(connection)
    while awaited:
        if time.monotonic() > deadline:
            raise SealingDelayed(_describe_writers(awaited, wait))
        time.sleep(POLL_SECONDS)
        still_open = _read_writers(connection)
        awaited = {name: who for name, who in awaited.items() if name in still_open}


def _read_writers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    table = find_vendor(connection).qualify_table(connection, EVENT_TABLE)
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, {"table": table})
        return {
            transaction: f"process {pid} {program}, since {since}"
            for transaction, pid, program, since in cursor.fetchall()
        }


def _describe_writers(writers: dict[str, str], wait: float) -> str:
    return (
        f"Nothing was sealed: after {wait:g} seconds, these transactions that have written events "
        f"are still open: {'; '.join(writers.values())}. Seal again when they have ended."
    )
