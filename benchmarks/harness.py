"""Measures variants of one piece of work in turns, so that a busy machine slows all alike."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from statistics import median
from typing import Any, Final, Literal
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import connection

from django_modernize.context import change_context

from .processor import read_client_seconds, read_server_seconds

__all__ = [
    "Benchmark",
    "Measure",
    "Result",
    "Sample",
    "Variant",
    "active_context",
    "choose_variants",
    "run_benchmark",
    "unwatched_connection",
]

Measure = Literal["wall", "client", "server", "processor"]

SETTLING_SECONDS: Final = 0.002
"""How long a backend may go on after its answer; its clock is read after that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One way to do the work."""

    name: str
    prepare: Callable[[], Any]
    """Brings the tables into the state that the work starts from; is not measured."""

    run: Callable[[Any], object]
    """Does the work, with what the preparation gave."""

    uses_library: bool = True
    """Whether the library watches the connection and a context is active, as in a request."""

    context: Callable[[], AbstractContextManager[Any]] = nullcontext
    """What else is active during the work, as the context of a request that a peer knows."""

    count_events: Callable[[], int] | None = None
    """Counts the events that the work left; nothing where it is not meant to leave any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """A piece of work and its variants; the first one is what the others are compared with."""

    group: str
    title: str
    variants: tuple[Variant, ...]
    turns: int = 1
    """In how many portions the variants take turns; a sample is the sum of its portions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What one run took, in seconds; samples can be added up."""

    wall: float
    client: float
    server: float | None

    @property
    def processor(self) -> float:
        """Processor time of client and server together."""
        return self.client + (self.server or 0.0)

    def __add__(self, other: "Sample") -> "Sample":
        known = self.server is not None and other.server is not None
        return Sample(
            wall=self.wall + other.wall,
            client=self.client + other.client,
            server=(self.server or 0.0) + (other.server or 0.0) if known else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """All runs of one variant."""

    variant: str
    statements: int
    """How many statements Django saw in one run; what the driver is told directly is left out."""

    events: int | None = None
    """How many events one run left; ``None`` where it is not meant to leave any."""

    samples: list[Sample] = field(default_factory=list)

    def typical(self, measure: Measure) -> float | None:
        """Return the median of a measure."""
        return _reduce(median, self._read(measure))

    def compare(self, base: "Result", measure: Measure) -> float | None:
        """Return the median, over the rounds, of the ratio to another variant's run.

        ``None`` where that took nothing, as a server does that is not asked.
        """
        pairs = zip(self._read(measure), base._read(measure), strict=True)
        return _reduce(median, [mine / other for mine, other in pairs if other])

    def compare_least(self, base: "Result", measure: Measure) -> float | None:
        """Return the ratio of the smallest values, which other programs disturbed least."""
        mine, other = (_reduce(min, result._read(measure)) for result in (self, base))
        return None if mine is None or not other else mine / other

    def _read(self, measure: Measure) -> list[float]:
        values = (getattr(sample, measure) for sample in self.samples)
        return [value for value in values if value is not None]


def choose_variants(benchmark: Benchmark, texts: Sequence[str] | None) -> Benchmark:
    """Return a benchmark of its first variant and those whose name contains one of the texts."""
    if not texts:
        return benchmark
    base, *others = benchmark.variants
    chosen = [one for one in others if any(text in one.name for text in texts)]
    return replace(benchmark, variants=(base, *chosen))


def run_benchmark(
    benchmark: Benchmark, *, rounds: int, progress: Callable[[str], object]
) -> list[Result]:
    """Run all variants in turns.

    Args:
        benchmark: What to run.
        rounds: How many times each; one run before them warms caches up and counts statements.
        progress: Is told what is done.
    """
    results = [_try_out(variant, benchmark.turns) for variant in benchmark.variants]
    for number in range(rounds):
        progress(f"{benchmark.title}: round {number + 1} of {rounds}")
        samples = _measure_in_turns(benchmark, first=number % len(results))
        for result, sample in zip(results, samples, strict=True):
            result.samples.append(sample)
    return results


def _measure_in_turns(benchmark: Benchmark, *, first: int) -> list[Sample]:
    """Measure every variant once, beginning with another one in each round.

    So none of them always follows the same neighbour.
    """
    order = [*range(len(benchmark.variants))]
    order = order[first:] + order[:first]
    portions: dict[int, list[Sample]] = {number: [] for number in sorted(order)}
    for _ in range(benchmark.turns):
        for number in order:
            portions[number].append(_measure(benchmark.variants[number]))
    return [reduce(add, samples) for samples in portions.values()]


def _measure(variant: Variant) -> Sample:
    material = variant.prepare()
    with _surroundings(variant):
        gc.collect()
        server = read_server_seconds()
        client, wall = read_client_seconds(), time.perf_counter()
        variant.run(material)
        wall, client = time.perf_counter() - wall, read_client_seconds() - client
        time.sleep(SETTLING_SECONDS)
        server_now = read_server_seconds()
    used = None if server is None or server_now is None else server_now - server
    return Sample(wall=wall, client=client, server=used)


def _try_out(variant: Variant, turns: int) -> Result:
    """Run a variant once, and count what it does."""
    count = 0

    def count_one(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    material = variant.prepare()
    with _surroundings(variant), connection.execute_wrapper(count_one):
        variant.run(material)
    events = None if variant.count_events is None else variant.count_events() * turns
    return Result(variant=variant.name, statements=count * turns, events=events)


@contextmanager
def _surroundings(variant: Variant) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(active_context() if variant.uses_library else unwatched_connection())
        stack.enter_context(variant.context())
        yield


@contextmanager
def active_context() -> Iterator[None]:
    """Have a context with everything that a request gives it."""
    actor, _ = get_user_model()._default_manager.get_or_create(username="benchmark")
    with change_context(
        actor=actor,
        source="manual",
        request_id=uuid4(),
        ip_address="192.0.2.1",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ):
        yield


@contextmanager
def unwatched_connection() -> Iterator[None]:
    """Take the library off the connection: plain Django has nothing there."""
    wrappers = connection.execute_wrappers[:]
    connection.execute_wrappers.clear()
    try:
        yield
    finally:
        connection.execute_wrappers[:] = wrappers


def _reduce(choose: Callable[[list[float]], float], values: list[float]) -> float | None:
    return choose(values) if values else None
