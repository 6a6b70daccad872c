"""Lists and counts of the living rows among many more that are deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from django.db import connection, models

from .database import clear_tables
from .harness import Benchmark, Variant
from .models import PlainPile, SoftCleanPile, SoftPile
from .report import Transcript

__all__ = ["explain_lists", "list_benchmarks", "make_rows"]

TURNS: Final = 20
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield what the living cost to list and to count when nine of ten rows are deleted."""
    work = {"listing 100 of": list_rows, "counting": count_rows}
    for title, run in work.items():
        yield Benchmark(
            group="softdelete",
            title=f"{title} {rows:,} living rows of {10 * rows:,}",
            turns=TURNS,
            variants=(
                Variant(
                    name="a table without deleted rows",
                    prepare=lambda: provide_rows(SoftCleanPile, rows),
                    run=list_all if run is list_rows else count_all,
                ),
                Variant(
                    name="nine of ten deleted, AliveIndex",
                    prepare=lambda: provide_mostly_deleted(rows),
                    run=run,
                ),
                Variant(
                    name="plain Django, without the columns of the marks",
                    prepare=lambda: provide_rows(PlainPile, rows),
                    run=run,
                    uses_library=False,
                ),
            ),
        )


def explain_lists(rows: int) -> Iterator[Transcript]:
    """Yield how the database finds the living rows."""
    provide_mostly_deleted(rows)
    living = SoftPile.objects
    with connection.cursor() as cursor:
        counted = f"SELECT COUNT(*) FROM ({living.values('pk').query}) counted"
        cursor.execute(f"{connection.ops.explain_query_prefix()} {counted}")
        count = "\n".join(str(line[-1]) for line in cursor.fetchall())
    yield Transcript(
        title=f"EXPLAIN: listing 100 of {rows:,} living rows of {10 * rows:,}",
        text=living.order_by("name")[:100].explain(),
    )
    yield Transcript(
        title=f"EXPLAIN: counting {rows:,} living rows of {10 * rows:,}",
        text=count,
    )


def provide_rows(model: type[models.Model], count: int) -> type[models.Model]:
    """Return a model that has so many rows, and make them where it has not."""
    return model if model._base_manager.count() == count else make_rows(model, count)


def make_rows(model: type[models.Model], count: int) -> type[models.Model]:
    """Store rows of a model that stands alone, and return it."""
    clear_tables(model._meta.db_table)
    model._base_manager.bulk_create(
        (model(name=f"row {number}") for number in range(count)), batch_size=1000
    )
    tidy_tables()
    return model


def provide_mostly_deleted(count: int) -> type[models.Model]:
    """Return a model that has so many living rows among ten times as many."""
    if SoftPile.objects.count() == count and SoftPile.all_objects.count() == 10 * count:
        return SoftPile
    clear_tables(SoftPile._meta.db_table)
    deletion = {"deleted_at": LONG_AGO, "deletion_id": uuid4()}
    # Deleted from the beginning: an index that has just lost nine tenths of its entries at once
    # is as large as before, which one that loses them one by one is not.
    rows = (
        SoftPile(name=f"row {number}", **(deletion if number % 10 else {}))
        for number in range(10 * count)
    )
    models.QuerySet(SoftPile).bulk_create(rows, batch_size=1000)
    tidy_tables()
    return SoftPile


def tidy_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def list_rows(model: Any) -> None:
    list(model.objects.order_by("name")[:100])


def list_all(model: Any) -> None:
    list(model.all_objects.order_by("name")[:100])


def count_all(model: Any) -> None:
    model.all_objects.count()


def count_rows(model: Any) -> None:
    model.objects.count()
