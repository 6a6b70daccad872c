"""Rows that are read."""

from collections.abc import Iterator
from typing import Any

from .harness import Benchmark, Variant
from .models import DiffStay, PlainStay
from .stays import StayTable

__all__ = ["list_benchmarks"]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurement."""
    plain, compared = (StayTable(model=model, rows=rows) for model in (PlainStay, DiffStay))
    yield Benchmark(
        group="load",
        title=f"loading {rows:,}",
        variants=(
            Variant(name="plain Django", prepare=plain.store, run=load_rows, uses_library=False),
            Variant(name="with ModelDiffMixin", prepare=compared.store, run=load_rows),
        ),
    )


def load_rows(stays: Any) -> None:
    list(stays)
