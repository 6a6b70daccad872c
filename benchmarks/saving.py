"""Rows that are saved one by one."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction

from .harness import Benchmark
from .stays import StayTable, compare_stays

__all__ = ["list_benchmarks"]

TURNS: Final = 5
"""Saves are slow, and so the variants take turns more often than once a round."""


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; a tenth of the rows is saved."""
    portion = max(1, rows // 10 // TURNS)
    works = (
        ("creates by save(), in transactions", StayTable.make_new, save_together),
        ("creates by save(), autocommit", StayTable.make_new, save_each),
        ("one-field changes by save(), in transactions", StayTable.load, change_together),
        ("one-field changes by save(), autocommit", StayTable.load, change_each),
    )
    for title, prepare, run in works:
        yield Benchmark(
            group="save",
            title=f"{portion * TURNS:,} {title}",
            variants=compare_stays(portion, prepare, run),
            turns=TURNS,
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
