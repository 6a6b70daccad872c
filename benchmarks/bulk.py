"""Many rows in one call."""

from collections.abc import Iterator
from typing import Any

from .harness import Benchmark
from .stays import StayTable, compare_stays

__all__ = ["list_benchmarks"]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; ``bulk_update()`` gets a tenth of the rows."""
    yield Benchmark(
        group="bulk",
        title=f"bulk_create() of {rows:,}",
        variants=compare_stays(rows, StayTable.make_new, create_rows),
    )
    yield Benchmark(
        group="bulk",
        title=f"update() of {rows:,}, one field",
        variants=compare_stays(rows, StayTable.store, update_rows),
    )
    yield Benchmark(
        group="bulk",
        title=f"bulk_update() of {rows // 10:,}, one field",
        variants=compare_stays(rows // 10, StayTable.load, update_instances),
    )
    yield Benchmark(
        group="bulk",
        title=f"QuerySet.delete() of {rows:,}",
        variants=compare_stays(rows, StayTable.store, delete_rows),
    )


def create_rows(stays: list[Any]) -> None:
    type(stays[0]).objects.bulk_create(stays)


def update_rows(stays: Any) -> None:
    stays.update(status="confirmed")


def update_instances(stays: list[Any]) -> None:
    for stay in stays:
        stay.status = "confirmed"
    type(stays[0]).objects.bulk_update(stays, ["status"])


def delete_rows(stays: Any) -> None:
    # The full model only hides its rows.
    stays.delete()
