"""The trail in partitions: those of its months, or so many that a test has events in several."""

from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import pairwise

from django.db import connection

from django_modernize.audit.partitions.catalog import EVENT_TABLE, read_layout
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from django_modernize.audit.partitions.locks import run_script
from django_modernize.triggers.installer import synchronize_triggers

PART_COUNT = 20
NUMBERS_PER_PART = 3
BOUNDS = [1 + NUMBERS_PER_PART * part for part in range(1, PART_COUNT)]


@contextmanager
def partitioned_trail():
    """Keep the events of a block in partitions of three."""
    partition_events()
    cut_events(BOUNDS)
    try:
        yield
    finally:
        merge_partitions()


def cut_events(bounds):
    """Put partitions between these numbers in place of those that there are, without their events.

    The months of :func:`partition_events` are a hundred million numbers long.
    """
    run_script(
        connection,
        [
            *(f"DROP TABLE {name}" for name in list_partitions()),
            *(
                f"CREATE TABLE {EVENT_TABLE}_to_{end} PARTITION OF {EVENT_TABLE}"
                f" FOR VALUES FROM ({start}) TO ({end})"
                for start, end in pairwise(["MINVALUE", *bounds, "MAXVALUE"])
            ),
        ],
    )
    synchronize_triggers(connection)


def restart_numbers():
    """Let the next event be the first, in the first partition."""
    # What is removed takes partitions with it.
    if len(read_layout(connection).partitions) < PART_COUNT:
        cut_events(BOUNDS)
    run_script(connection, [f"ALTER TABLE {EVENT_TABLE} ALTER id RESTART WITH 1"])


def list_partitions():
    """Return the names of the partitions that there are."""
    return [partition.name for partition in read_layout(connection).partitions]


def month_after(count):
    """Return a day some months from now."""
    today = datetime.now(UTC).date()
    month = today.year * 12 + today.month - 1 + count
    return date(month // 12, month % 12 + 1, 1)
