"""Four writers at the same time, with and without the tamper evidence; PostgreSQL only.

SQLite has one writer at a time, so that there is nothing to find out.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any, Final

from django.db import connection, transaction

from django_modernize.audit import seal
from django_modernize.audit.ledger.models import AuditSeal

from .children import FORK, run_children
from .database import clear_tables
from .harness import active_context
from .models import House, TrackedStay, make_stay
from .processor import read_client_seconds, read_server_seconds
from .report import Facts

__all__ = ["list_facts"]

WRITERS: Final = 4

SECONDS: Final = 4.0

ROUNDS: Final = 12

SEAL_SECONDS: Final = 1.0
"""How often events are sealed meanwhile: sixty times as often as the recommended schedule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one process did."""

    writes: int
    processor: float


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the throughput of the writers, over that of the same without tamper evidence."""
    if connection.vendor != "postgresql":
        return
    House._default_manager.get_or_create(name="measured")
    cases: dict[str, Callable[[], list[Work]]] = {
        "without tamper evidence": lambda: run_writers(is_sealed=False),
        "sealed meanwhile": lambda: run_writers(is_sealed=True),
    }
    found: dict[str, list[list[Work]]] = {name: [] for name in cases}
    for number in range(ROUNDS):
        print(f"writers: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
        # Who comes first changes: the machine is another one from minute to minute.
        for name in list(cases)[:: -1 if number % 2 else 1]:
            found[name].append(cases[name]())
    base, *_ = found.values()
    yield Facts(
        title=f"{WRITERS} concurrent writers for {SECONDS:g} seconds",
        headings=(
            "trail",
            "writes a second",
            "ratio of that",
            "ratio by processor time",
        ),
        rows=[(name, *_describe(rounds, base)) for name, rounds in found.items()],
    )


def run_writers(*, is_sealed: bool) -> list[Work]:
    """Run the writers at the same time, and one who seals if it is asked for."""
    clear_tables(TrackedStay._meta.db_table, AuditSeal._meta.db_table)
    start = FORK.Barrier(WRITERS + is_sealed)
    works: list[Callable[[], Work]] = [
        lambda number=number: write_stays(start, number) for number in range(WRITERS)
    ]
    if is_sealed:
        works.append(lambda: seal_often(start))
    return run_children(works)


def write_stays(start: Barrier, number: int) -> Work:
    """Create and change bookings, each in a transaction of a request of its own."""
    house = House._default_manager.get(name="measured")
    write_stay(house, number)

    def write() -> int:
        return write_stay(house, number)

    return work_until_the_end(start, write)


def write_stay(house: House, number: int) -> int:
    with active_context(), transaction.atomic():
        stay = make_stay(TrackedStay, number, house)
        stay.save()
        stay.status = "confirmed"
        stay.save()
    return 2


def seal_often(start: Barrier) -> Work:
    """Seal what is written meanwhile; the connection is open before, as those of the writers."""
    seal()

    def seal_and_wait() -> int:
        seal()
        time.sleep(SEAL_SECONDS)
        return 0

    return work_until_the_end(start, seal_and_wait)


def work_until_the_end(start: Barrier, work: Callable[[], int]) -> Work:
    """Repeat some work from the common start on, for so long as all do."""
    start.wait()
    server, client = read_server_seconds() or 0.0, read_client_seconds()
    end, writes = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        writes += work()
    client = read_client_seconds() - client
    return Work(writes=writes, processor=client + (read_server_seconds() or 0.0) - server)


def _describe(rounds: list[list[Work]], base: list[list[Work]]) -> tuple[Any, ...]:
    writes = [sum(one.writes for one in works) for works in rounds]
    base_writes = [sum(one.writes for one in works) for works in base]
    ratios = [mine / other for mine, other in zip(writes, base_writes, strict=True)]
    costs = [
        _cost_of_write(other) / _cost_of_write(mine)
        for mine, other in zip(rounds, base, strict=True)
    ]
    return (
        f"{median(writes) / SECONDS:,.0f}",
        f"{median(ratios):.2f}",
        f"{median(costs):.2f}",
    )


def _cost_of_write(works: list[Work]) -> float:
    """Return the processor time of a write, that of the sealing included."""
    return sum(one.processor for one in works) / sum(one.writes for one in works)
