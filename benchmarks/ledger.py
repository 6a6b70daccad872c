"""Seals and their verification, over a long trail."""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from django_modernize.audit import seal, verify
from django_modernize.audit.models import AuditEvent

from .children import read_peak_bytes, run_children
from .processor import read_client_seconds, read_server_seconds
from .report import Facts
from .trail import fill_trail

__all__ = ["list_facts"]

MEGABYTE: Final = 1_000_000

PROCESSES: Final = 2

PASSAGES: Final = 3
"""How often is verified, since a machine is slower in one minute than in the next: the quickest
passage counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One passage over the trail, in a process of its own."""

    wall: float
    processor: float | None
    """``None`` where other processes had a part in it: their backends are gone when it ends."""

    memory_before: int
    memory_peak: int


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield how fast events are sealed and verified, and the memory that it takes."""
    fill_trail(rows)
    passages = {
        "seal()": pass_over_alone(seal),
        "verify()": pass_over_quickest(verify_all),
        f"verify(), {PROCESSES} processes": pass_over_quickest(partial(verify_all, PROCESSES)),
    }
    yield Facts(
        title=f"{rows:,} events sealed and verified",
        headings=(
            "work",
            "wall, s",
            "processor, s",
            "events a second",
            "events a second of processor time",
            "memory at the peak, MB",
            "of it before, MB",
        ),
        rows=[_describe(name, passage, rows) for name, passage in passages.items()],
    )


def verify_all(processes: int = 1) -> None:
    report = verify(processes=processes)
    if not report.is_sound or report.event_count != AuditEvent._base_manager.count():
        raise RuntimeError(f"The trail should be sound and sealed: {report}")


def pass_over_quickest(work: Callable[[], Any]) -> Passage:
    return min((pass_over_alone(work) for _ in range(PASSAGES)), key=lambda passage: passage.wall)


def pass_over_alone(work: Callable[[], Any]) -> Passage:
    """Pass over the trail in a process of its own."""
    (passage,) = run_children([partial(pass_over, work)])
    return cast("Passage", passage)


def pass_over(work: Callable[[], Any]) -> Passage:
    memory = read_peak_bytes()
    children = read_children_seconds()
    server = read_server_seconds()
    client, wall = read_client_seconds(), time.perf_counter()
    work()
    wall, client = time.perf_counter() - wall, read_client_seconds() - client
    used = (read_server_seconds() or 0.0) - (server or 0.0)
    is_alone = read_children_seconds() == children
    return Passage(
        wall=wall,
        processor=client + used if is_alone else None,
        memory_before=memory,
        memory_peak=read_peak_bytes(),
    )


def read_children_seconds() -> float:
    """Return the processor time of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _describe(name: str, passage: Passage, events: int) -> tuple[str, ...]:
    return (
        name,
        f"{passage.wall:,.1f}",
        "-" if passage.processor is None else f"{passage.processor:,.1f}",
        f"{events / passage.wall:,.0f}",
        "-" if passage.processor is None else f"{events / passage.processor:,.0f}",
        f"{passage.memory_peak / MEGABYTE:,.0f}",
        f"{passage.memory_before / MEGABYTE:,.0f}",
    )
