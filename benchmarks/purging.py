"""Deleted rows that are removed for good: what it takes, and how much memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.db import connection

from django_modernize.softdelete.purge import purge_rows

from .by_hand import TABLES, remove_old_rows
from .children import read_peak_bytes, run_children
from .database import clear_tables
from .harness import Benchmark, Variant
from .report import Facts

__all__ = ["list_benchmarks", "measure_memory"]

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
BEFORE: Final = datetime(2021, 1, 1, tzinfo=UTC)
MEGABYTE: Final = 1_000_000

FILL: Final = (
    "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers "
    "WHERE number < %s) INSERT INTO {table} (id, {columns}, deleted_at, deletion_reason, "
    "deletion_id) SELECT number, {values}, %s, '', %s FROM numbers"
)


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the purge of ten times as many rows, a quarter of them parents."""
    prepare = partial(make_old_rows, 10 * rows)
    yield Benchmark(
        group="softdelete",
        title=f"purging {10 * rows:,} rows of a parent and three child tables",
        variants=(
            Variant(name="DELETE by hand", prepare=prepare, run=remove_old_rows),
            Variant(name="softdelete_purge", prepare=prepare, run=purge_all),
        ),
    )


def measure_memory(rows: int) -> Iterator[Facts]:
    """Yield the memory of such a purge, in a process of its own."""
    lines = []
    for count in (rows, 10 * rows):
        make_old_rows(count)
        ((before, peak),) = run_children([purge_and_weigh])
        lines.append(
            (
                f"{count:,}",
                f"{(peak - before) / MEGABYTE:,.1f}",
                f"{before / MEGABYTE:,.0f}",
            )
        )
    yield Facts(
        title="memory of a purge in a process of its own",
        headings=("rows", "of the purge, MB", "of Django before, MB"),
        rows=lines,
    )


def make_old_rows(count: int) -> datetime:
    """Store parents and as many rows in each child table, all of them deleted long ago."""
    clear_tables(*reversed(TABLES))
    deletion = uuid4().hex
    parents, *children = TABLES
    with connection.cursor() as cursor:
        for table in (parents, *children):
            columns, values = (
                ("name", "'measured'") if table == parents else ("house_id, title", "number, 'x'")
            )
            sql = FILL.format(table=table, columns=columns, values=values)
            cursor.execute(sql, [count // len(TABLES), LONG_AGO, deletion])
        cursor.execute("ANALYZE")
    return BEFORE


def purge_all(before: datetime) -> None:
    for _ in purge_rows(before=before, using="default"):
        pass


def purge_and_weigh() -> tuple[Any, Any]:
    before = read_peak_bytes()
    purge_all(BEFORE)
    return before, read_peak_bytes()
