"""Up to which number all events are final: no transaction can add one behind it any more.

Numbers are drawn when an event is written, and it is seen when its transaction commits, so a lower
number can turn up after a higher one.
"""

import time
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...exceptions import ModernizeError
from ...triggers.vendors import find_vendor

__all__ = ["SealingDelayed", "find_horizon"]

POLL_SECONDS: Final = 0.05

EVENT_TABLE: Final = "modernize_audit_event"

# Whoever has drawn a number holds this lock until the end of the transaction; who named a
# partition, on that alone. The number of a table may be another one's in the next database.
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
    """Transactions that have written events are still open, so nothing final can be sealed."""


def find_horizon(connection: BaseDatabaseWrapper, wait: float) -> int:
    """Return the number up to which all events are final.

    Args:
        connection: The database.
        wait: For how many seconds to wait for transactions that are writing.

    Raises:
        SealingDelayed: They took longer.

    Nobody waits for the one who asks: no lock is taken.
    """
    if connection.vendor != "postgresql":
        return _read_highest(connection)
    # In this order: whoever draws a lower number later than this is among the writers below.
    highest = _read_sequence(connection)
    _await_writers(connection, wait)
    return highest


def _read_highest(connection: BaseDatabaseWrapper) -> int:
    # Writers exclude one another in SQLite: what is numbered is committed.
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
        f"Nothing was sealed: after {wait:g} seconds these transactions, which have written "
        f"events, are still open: {'; '.join(writers.values())}. Seal again when they are through."
    )
