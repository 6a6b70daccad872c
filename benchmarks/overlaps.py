"""Ranges that may not overlap: what a look for conflicts takes, and what each insert costs."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, QuerySet
from django.test.utils import CaptureQueriesContext

from django_modernize.integrity import find_conflicts

from .database import clear_tables
from .harness import Benchmark, Variant
from .models import ApartStay, House, IndexedStay, StayFields, make_stay
from .overlap_rivals import list_rivals
from .report import Facts, Transcript
from .scale import MILLISECONDS, measure_least

__all__ = ["list_benchmarks", "list_facts"]

SIZES: Final = (1_000, 100_000, 1_000_000)

INSERTED: Final = 1_000

PER_HOUSE: Final = 500
"""How many stays a house has: three nights each, and one night free before the next."""

REPEATS: Final = 100
"""How often something is asked that takes no time to speak of."""

FIRST: Final = datetime(2020, 1, 1, 16, tzinfo=UTC)


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the inserts, beside a plain index and beside other ways to keep ranges apart."""
    stored = min(rows, SIZES[1])
    kinds = [("an index on house and start", IndexedStay), ("NoOverlap", ApartStay), *list_rivals()]
    yield Benchmark(
        group="integrity",
        title=f"bulk_create() of {INSERTED:,} stays into {stored:,}",
        variants=tuple(
            Variant(
                name=name,
                prepare=StayFiller(model, stored).prepare,
                run=model._default_manager.bulk_create,
                uses_library=False,
            )
            for name, model in kinds
        ),
    )
    clear_tables(*(model._meta.db_table for _, model in kinds))


def list_facts(rows: int) -> Iterator[Facts | Transcript]:
    """Yield the time of each question by the number of stays, and its plan for the largest."""
    sizes = [size for size in SIZES if size <= rows]
    times: dict[str, list[str]] = {}
    plans: list[Transcript] = []
    for size in sizes:
        filler = StayFiller(ApartStay, size)
        filler.fill()
        plans = []
        for name, ask in list_questions(filler):
            least = measure_least(ask, REPEATS)
            times.setdefault(name, []).append(f"{least * MILLISECONDS:,.2f}")
            plans.append(Transcript(title=f"{name}, {size:,} stays", text=explain(ask)))
    yield Facts(
        title="a look for conflicts: least wall time in ms",
        headings=("find_conflicts()", *(f"{size:,} stays" for size in sizes)),
        rows=[(name, *row) for name, row in times.items()],
    )
    yield from plans


def list_questions(filler: "StayFiller") -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is asked: of one range and of a thousand, free and in conflict."""
    free, taken = filler.make_free(), filler.make_free()
    for stay in taken:
        stay.check_in -= timedelta(days=1)
    yield "one that is free", lambda: find_conflicts(free[:1])
    yield "one in conflict", lambda: find_conflicts(taken[:1])
    yield f"{len(free):,} that are free", lambda: find_conflicts(free)
    yield f"{len(taken):,} in conflict", lambda: find_conflicts(taken)


class StayFiller:
    """Fills a table with stays of many houses, and makes some that fit in between.

    Args:
        model: The kind of stay.
        size: How many are stored.
    """

    def __init__(self, model: type[StayFields], size: int) -> None:
        self.model = model
        self.size = size
        self.houses = max(1, size // PER_HOUSE)
        self.last: int | None = None
        self.chance = random.Random(size)

    def prepare(self) -> list[StayFields]:
        """Bring the table to what it was filled with; return the stays to insert."""
        if self.last is None:
            self.fill()
        QuerySet(self.model).filter(pk__gt=self.last).delete()
        return self.make_free()

    def fill(self) -> None:
        """Store the stays, in one statement."""
        table = self.model._meta.db_table
        clear_tables(table)
        missing = self.houses - House._default_manager.count()
        House._default_manager.bulk_create(House(name="measured") for _ in range(missing))
        template = make_stay(self.model, 1, self._list_houses()[0])
        # In nobody's way.
        template.status = "cancelled"
        template.save(force_insert=True)
        columns = [field.column for field in self.model._meta.local_concrete_fields[1:]]
        own = {
            "house_id": "h.id",
            "check_in": self._add_days(0),
            "check_out": self._add_days(3),
            "status": "'booked'",
        }
        values = ", ".join(own.get(column, f"t.{column}") for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers"
                f" WHERE n < {self.size // self.houses - 1}) INSERT INTO {table}"
                f" ({', '.join(columns)}) SELECT {values} FROM {table} t CROSS JOIN numbers"
                f" CROSS JOIN (SELECT id FROM benchmarks_house ORDER BY id LIMIT {self.houses}) h"
                f" WHERE t.id = {template.pk}"
            )
            cursor.execute(f"DELETE FROM {table} WHERE id = {template.pk}")
            cursor.execute(f"ANALYZE {table}")
        self.last = QuerySet(self.model).aggregate(last=Max("pk"))["last"]

    def make_free(self) -> list[StayFields]:
        """Return stays of the one night between two, each somewhere else."""
        houses = self._list_houses()
        places = self.chance.sample(range(self.houses * PER_HOUSE), INSERTED)
        stays = []
        for place in places:
            stay = make_stay(self.model, place, houses[place % self.houses])
            stay.check_in = FIRST + timedelta(days=4 * (place // self.houses) + 3)
            stay.check_out = stay.check_in + timedelta(hours=18)
            stays.append(stay)
        return stays

    def _list_houses(self) -> list[House]:
        return list(House._default_manager.order_by("pk")[: self.houses])

    def _add_days(self, days: int) -> str:
        if connection.vendor == "postgresql":
            return f"'{FIRST}'::timestamptz + (n * 4 + {days}) * interval '1 day'"
        return f"datetime('{FIRST:%Y-%m-%d %H:%M:%S}', '+' || (n * 4 + {days}) || ' days')"


def explain(ask: Callable[[], Any]) -> str:
    """Return the plan of a question's statement, and on PostgreSQL what it did."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    (statement,) = (query["sql"] for query in queries)
    if connection.vendor == "postgresql":
        prefix = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) "
        lines = [line for (line,) in _read(prefix + statement)]
    else:
        lines = [detail for *_, detail in _read(f"EXPLAIN QUERY PLAN {statement}")]
    # The candidates themselves would fill the page.
    return "\n".join(line if len(line) < 300 else f"{line[:120]} …" for line in lines)


def _read(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
