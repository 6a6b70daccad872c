"""Rows that are saved one by one."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from .harness import Benchmark
from .stays import StayTable, compare_stays

__all__ = ["list_benchmarks"]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; a tenth of the rows is saved."""
    count = rows // 10
    yield Benchmark(
        group="save",
        title=f"{count:,} creates by save(), one transaction",
        variants=compare_stays(count, StayTable.make_new, save_together),
    )
    yield Benchmark(
        group="save",
        title=f"{count:,} creates by save(), autocommit",
        variants=compare_stays(count, StayTable.make_new, save_each),
    )
    yield Benchmark(
        group="save",
        title=f"{count:,} one-field changes by save(), one transaction",
        variants=compare_stays(count, StayTable.load, change_together),
    )
    yield Benchmark(
        group="save",
        title=f"{count:,} one-field changes by save(), autocommit",
        variants=compare_stays(count, StayTable.load, change_each),
    )


def save_each(stays: list[Any]) -> None:
    for stay in stays:
        stay.save()


def save_together(stays: list[Any]) -> None:
    with transaction.atomic():
        save_each(stays)


def change_each(stays: list[Any]) -> None:
    for stay in stays:
        stay.status = "confirmed"
        stay.save()


def change_together(stays: list[Any]) -> None:
    with transaction.atomic():
        change_each(stays)
