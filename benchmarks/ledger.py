"""Seals and their verification, over a long trail."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django_modernize.audit import seal, verify
from django_modernize.audit.models import AuditEvent

from .children import read_peak_bytes, run_children
from .processor import read_client_seconds, read_server_seconds
from .report import Facts
from .trail import fill_trail

__all__ = ["list_facts"]

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One passage over the trail, in a process of its own."""

    wall: float
    processor: float
    memory_before: int
    memory_peak: int


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield how fast events are sealed and verified, and the memory that it takes."""
    fill_trail(rows)
    lines = [
        _describe(name, passage, rows)
        for name, work in (("seal()", seal), ("verify()", verify_all))
        for passage in run_children([lambda work=work: pass_over(work)])
    ]
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
        rows=lines,
    )


def verify_all() -> None:
    report = verify()
    if not report.is_sound or report.event_count != AuditEvent._base_manager.count():
        raise RuntimeError(f"The trail should be sound and sealed: {report}")


def pass_over(work: Callable[[], Any]) -> Passage:
    memory = read_peak_bytes()
    server = read_server_seconds()
    client, wall = read_client_seconds(), time.perf_counter()
    work()
    wall, client = time.perf_counter() - wall, read_client_seconds() - client
    used = (read_server_seconds() or 0.0) - (server or 0.0)
    return Passage(
        wall=wall,
        processor=client + used,
        memory_before=memory,
        memory_peak=read_peak_bytes(),
    )


def _describe(name: str, passage: Passage, events: int) -> tuple[str, ...]:
    return (
        name,
        f"{passage.wall:,.1f}",
        f"{passage.processor:,.1f}",
        f"{events / passage.wall:,.0f}",
        f"{events / passage.processor:,.0f}",
        f"{passage.memory_peak / MEGABYTE:,.0f}",
        f"{passage.memory_before / MEGABYTE:,.0f}",
    )
