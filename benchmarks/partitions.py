"""The trail in monthly partitions, beside the same in one table; PostgreSQL only.

What partitions cost is planning: a history may be in each of them, so each is looked into.
"""

from collections.abc import Callable, Iterator
from time import sleep
from typing import Any, Final

from django.db import connection

from django_modernize.audit import history
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from tests.partitions import cut_events

from .bulk import delete_rows, update_rows
from .database import clear_tables
from .harness import SETTLING_SECONDS, active_context
from .models import TrackedStay
from .processor import read_client_seconds, read_server_seconds
from .report import Facts
from .saving import change_together
from .stays import StayTable
from .trail import fill_trail

__all__ = ["list_facts"]

PARTS: Final = 13
"""A year of months, and the one before."""

RUNS: Final = 9

READINGS: Final = 20

SAVES: Final = 200

BULK: Final = 10_000

MILLISECONDS: Final = 1_000


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield what reading and writing cost, over a trail of so many events."""
    if connection.vendor != "postgresql":
        return
    clear_tables()
    whole = measure_trail(rows)
    clear_tables()
    partition_events()
    try:
        # Each month has as many of the numbers from one to ``rows`` as the others.
        cut_events([1 + rows * part // PARTS for part in range(1, PARTS)])
        parts = measure_trail(rows)
        clear_tables()
    finally:
        merge_partitions()
    yield Facts(
        title=f"{rows:,} events in one table and in {PARTS} partitions, processor time in ms",
        headings=("work", "one table", "partitions", "ratio"),
        rows=[
            (work, f"{whole[work]:.2f}", f"{parts[work]:.2f}", f"{parts[work] / whole[work]:.2f}")
            for work in whole
        ],
    )


def measure_trail(rows: int) -> dict[str, float]:
    """Return the least processor time of each piece of work in milliseconds."""
    saved = StayTable(model=TrackedStay, rows=SAVES)
    stored = StayTable(model=TrackedStay, rows=BULK)
    # What fills a table empties the trail, so the history is read first.
    fill_trail(rows)
    works: dict[str, tuple[Callable[[], Any], Callable[[Any], object], int]] = {
        "a history of 100 events": (lambda: TrackedStay(pk=1), read_histories, READINGS),
        "a one-field change by save()": (saved.load, change_together, SAVES),
        f"update() of {BULK:,}": (stored.store, update_rows, 1),
        f"QuerySet.delete() of {BULK:,}": (stored.store, delete_rows, 1),
    }
    return {
        name: min(measure_once(prepare(), run) for _ in range(RUNS)) / times
        for name, (prepare, run, times) in works.items()
    }


def read_histories(stay: TrackedStay) -> None:
    for _ in range(READINGS):
        if not list(history(stay)):
            raise RuntimeError("The trail should tell of this one.")


def measure_once(material: Any, run: Callable[[Any], object]) -> float:
    with active_context():
        server, client = read_server_seconds() or 0.0, read_client_seconds()
        run(material)
        client = read_client_seconds() - client
    sleep(SETTLING_SECONDS)
    return (client + (read_server_seconds() or 0.0) - server) * MILLISECONDS
