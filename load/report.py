"""Says what was measured: a line for each kind of request, and how it went as a whole."""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Measured", "find_share", "read_measured", "render"]

HEADER: Final = (
    "| request | number | p50 ms | p95 ms | p99 ms | statements, median | most |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What the people of one run noted."""

    people: int
    seconds: float
    """From when everybody had come."""

    all_count: int
    """How many requests were sent, those before everybody had come included."""

    samples: dict[str, list[tuple[float, int]]]
    failures: list[str]

    @property
    def count(self) -> int:
        """How many requests were answered as expected."""
        return sum(map(len, self.samples.values()))


def read_measured(path: Path, *, people: int) -> Measured:
    """Return what the people wrote down."""
    noted = json.loads(path.read_text())
    return Measured(people=people, **noted)


def find_share(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the others does not exceed.

    >>> find_share([5, 1, 2, 4, 3], 0.5), find_share([5, 1, 2, 4, 3], 0.99)
    (3, 5)
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def list_lines(measured: Measured) -> Iterator[str]:
    """Yield the lines of the table, the kinds of request in alphabetical order, then all."""
    yield HEADER
    for name, samples in sorted(measured.samples.items()):
        yield describe_line(name, samples)
    everything = [one for samples in measured.samples.values() for one in samples]
    yield describe_line("**all**", everything)


def describe_line(name: str, samples: Sequence[tuple[float, int]]) -> str:
    """Return the line of one kind of request."""
    times = [time for time, _count in samples]
    counts = [count for _time, count in samples]
    shares = [f"{find_share(times, share):.0f}" for share in (0.5, 0.95, 0.99)]
    statements = [f"{find_share(counts, 0.5):.0f}", str(max(counts))]
    return f"| {' | '.join([name, str(len(samples)), *shares, *statements])} |"


def render(measured: Measured) -> str:
    """Return what was measured as a part of a page."""
    rate = measured.count / measured.seconds
    return "\n".join(
        [
            f"{measured.people} people for {measured.seconds:.0f} s on {os.cpu_count()} processors "
            f"({platform.machine()}, Python {platform.python_version()}): "
            f"{measured.count} requests, {rate:.1f} a second, {len(measured.failures)} failed.",
            "",
            *list_lines(measured),
        ]
    )
