"""Four writers at the same time, with and without the tamper evidence; PostgreSQL only.

SQLite has one writer at a time, so that there is nothing to find out.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
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

PAIRS: Final = 14

SLICE_SECONDS: Final = 3.0

SETTLING_SECONDS: Final = 0.5
"""Time for sealing what was written while nothing was sealed; nothing of it is counted."""

SEAL_SECONDS: Final = 1.0
"""How often events are sealed meanwhile: sixty times as often as the recommended schedule."""


class Phase(Enum):
    """What goes on beside the writers."""

    UNSEALED = auto()
    SETTLING = auto()
    SEALED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one process did in one slice of time."""

    writes: int
    processor: float


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the throughput of the writers, over that of the same without tamper evidence.

    The same writers go on all the time, and events are sealed in every other slice of it: a machine
    that is faster in one minute than in the next one is so for both.
    """
    if connection.vendor != "postgresql":
        return
    House._default_manager.get_or_create(name="measured")
    clear_tables(TrackedStay._meta.db_table, AuditSeal._meta.db_table)
    phases = list_phases()
    start = FORK.Barrier(WRITERS + 1)
    works: list[Callable[[], list[Work]]] = [
        *(partial(write_stays, start, phases, number) for number in range(WRITERS)),
        partial(seal_often, start, phases),
    ]
    together = [*zip(*run_children(works), strict=True)]
    found = {
        phase: [works for works, one in zip(together, phases, strict=True) if one is phase]
        for phase in (Phase.UNSEALED, Phase.SEALED)
    }
    base = found[Phase.UNSEALED]
    yield Facts(
        title=f"{WRITERS} concurrent writers, {PAIRS} times {SLICE_SECONDS:g} seconds each",
        headings=(
            "trail",
            "writes a second",
            "ratio of that",
            "ratio by processor time",
        ),
        rows=[
            ("without tamper evidence", *_describe(base, base)),
            ("sealed meanwhile", *_describe(found[Phase.SEALED], base)),
        ],
    )


def list_phases() -> list[Phase]:
    """Return the phases in their order; which of the two comes first changes."""
    pair = [Phase.UNSEALED, Phase.SETTLING, Phase.SEALED]
    back = [Phase.SETTLING, Phase.SEALED, Phase.UNSEALED]
    return [phase for number in range(PAIRS) for phase in (back if number % 2 else pair)]


def write_stays(start: Barrier, phases: list[Phase], number: int) -> list[Work]:
    """Create and change bookings, each in a transaction of a request of its own."""
    house = House._default_manager.get(name="measured")
    write_stay(house, number)

    def write(end: float) -> int:
        writes = 0
        while time.monotonic() < end:
            writes += write_stay(house, number)
        return writes

    return work_in_phases(start, phases, lambda _, end: write(end))


def seal_often(start: Barrier, phases: list[Phase]) -> list[Work]:
    """Seal in those phases that ask for it; the connection is open before, as of the writers."""
    seal()

    def seal_or_wait(phase: Phase, end: float) -> int:
        while (left := end - time.monotonic()) > 0:
            if phase is not Phase.UNSEALED:
                seal()
            time.sleep(min(SEAL_SECONDS, left))
        return 0

    return work_in_phases(start, phases, seal_or_wait)


def work_in_phases(
    start: Barrier, phases: list[Phase], work: Callable[[Phase, float], int]
) -> list[Work]:
    """Do some work from the common start on, and tell what was done in each phase.

    Args:
        start: Where all wait for one another.
        phases: What is to be done.
        work: Does it until a time of the monotonic clock, and returns how much it wrote.
    """
    start.wait()
    end, done = time.monotonic(), []
    for phase in phases:
        end += SETTLING_SECONDS if phase is Phase.SETTLING else SLICE_SECONDS
        server, client = read_server_seconds() or 0.0, read_client_seconds()
        writes = work(phase, end)
        client = read_client_seconds() - client
        server = (read_server_seconds() or 0.0) - server
        done.append(Work(writes=writes, processor=client + server))
    return done


def write_stay(house: House, number: int) -> int:
    with active_context(), transaction.atomic():
        stay = make_stay(TrackedStay, number, house)
        stay.save()
        stay.status = "confirmed"
        stay.save()
    return 2


def _describe(slices: list[tuple[Work, ...]], base: list[tuple[Work, ...]]) -> tuple[Any, ...]:
    writes = [sum(one.writes for one in works) for works in slices]
    base_writes = [sum(one.writes for one in works) for works in base]
    ratios = [mine / other for mine, other in zip(writes, base_writes, strict=True)]
    costs = [
        _cost_of_write(other) / _cost_of_write(mine)
        for mine, other in zip(slices, base, strict=True)
    ]
    return (
        f"{median(writes) / SLICE_SECONDS:,.0f}",
        f"{median(ratios):.2f}",
        f"{median(costs):.2f}",
    )


def _cost_of_write(works: tuple[Work, ...]) -> float:
    """Return the processor time of a write, that of the sealing included."""
    return sum(one.processor for one in works) / sum(one.writes for one in works)
