"""The same questions to a trail of ten thousand events, and up to ten million."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from .database import clear_tables
from .models import House, TrackedStay, make_stay
from .questions import PAGE, list_pages, list_questions
from .reading import log_in, show_page
from .report import Facts, Transcript
from .trail import fill_trail

__all__ = ["list_facts"]

SMALLEST: Final = 10_000

REPEATS: Final = 5

PATIENCE: Final = 5.0
"""After how many seconds a question is not asked again."""

MILLISECONDS: Final = 1000


def list_facts(rows: int) -> Iterator[Facts | Transcript]:
    """Yield how long the questions take by the number of events, and the plans for the largest."""
    sizes = list(list_sizes(rows))
    times: dict[str, list[float]] = {}
    pages: dict[str, list[str]] = {}
    client = log_in()
    for size in sizes:
        _say(f"scale: making {size:,} events")
        make_stay_and_trail(size)
        for question in list_questions(size):
            _say(f"scale: {question.name} among {size:,}")
            asked = measure_least(lambda question=question: list(question.events[:PAGE]))
            times.setdefault(f"{question.name}: `{question.code}`", []).append(asked)
        for name, page in list_pages(size):
            _say(f"scale: {name} among {size:,}")
            pages.setdefault(name, []).append(describe_page(client, page))
    yield Facts(
        title=f"the newest {PAGE} events by a filter: least wall time in ms",
        headings=("filter", *(f"{size:,} events" for size in sizes)),
        rows=[
            (name, *(f"{one * MILLISECONDS:,.1f}" for one in row)) for name, row in times.items()
        ],
    )
    yield Facts(
        title="pages of the admin: least wall time in ms, and queries",
        headings=("page", *(f"{size:,} events" for size in sizes)),
        rows=[(name, *row) for name, row in pages.items()],
    )
    yield Facts(
        title="bytes of the trail",
        headings=("table or index", f"bytes an event, of {sizes[-1]:,}"),
        rows=[(name, f"{size / sizes[-1]:,.1f}") for name, size in list_relations()],
    )
    for question in list_questions(sizes[-1]):
        yield Transcript(
            title=f"{question.name}: {question.code}", text=explain(question.events[:PAGE])
        )


def list_sizes(largest: int) -> Iterator[int]:
    """Yield the powers of ten up to the largest number of events."""
    size = min(SMALLEST, largest)
    while size <= largest:
        yield size
        size *= 10


def make_stay_and_trail(size: int) -> None:
    """Leave a trail, and the booking that its first object is."""
    clear_tables(TrackedStay._meta.db_table)
    house, _ = House._default_manager.get_or_create(name="measured")
    stay = make_stay(TrackedStay, 1, house)
    stay.pk = 1
    stay.save(force_insert=True)
    fill_trail(size)


def measure_least(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the least seconds of some runs."""
    started, least = time.perf_counter(), float("inf")
    for _ in range(repeats):
        before = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - before)
        if time.perf_counter() - started > PATIENCE:
            break
    return least


def describe_page(client: Client, page: str) -> str:
    least = measure_least(lambda: show_page(client, page))
    with CaptureQueriesContext(connection) as queries:
        show_page(client, page)
    counting = sum("COUNT(" in one["sql"] for one in queries)
    return f"{least * MILLISECONDS:,.0f} ({len(queries)}{' with COUNT' if counting else ''})"


def explain(events: Any) -> str:
    """Return the plan of a query, and on PostgreSQL what it did."""
    if connection.vendor == "postgresql":
        return str(events.explain(analyze=True, buffers=True, costs=False))
    return str(events.explain())


def list_relations() -> Iterator[tuple[str, int]]:
    """Yield the trail's tables and indexes with their bytes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'i')"
                " AND (relname LIKE 'modernize_audit_event%' OR relname LIKE 'modernize_audit_con%'"
                " OR relname LIKE 'modernize_event%' OR relname LIKE 'modernize_context%')"
                " ORDER BY 2 DESC"
            )
        else:
            cursor.execute(
                "SELECT name, sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master"
                " WHERE tbl_name IN ('modernize_audit_event', 'modernize_audit_context'))"
                " GROUP BY name ORDER BY 2 DESC"
            )
        yield from cursor.fetchall()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
