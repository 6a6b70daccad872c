"""CSV files of 10,000 and 100,000 bookings, from upload to undo: time and memory of each step."""

import csv
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from time import perf_counter
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test import RequestFactory

from api.models import Booking
from api.portal.pages import read_page
from api.services.demo_workbook import make_bookings
from api.services.import_plan import apply_plan, approve_labels, create_plan, undo_import

from .importing import empty_and_rule, find_actor
from .report import Facts

__all__ = ["list_facts"]

HEADERS = ("Confirmation code", "Status", "Guest name", "Start date", "End date", "Properties")
WARMING_UP = 100
UNIT = 1024 if sys.platform == "darwin" else 1
"""What ``ru_maxrss`` counts in, in kilobytes."""


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield what each step takes, of a tenth of the rows and of all.

    The memory is the process's highest until then. A small import comes first, which is not
    measured: a worker has imported before.
    """
    measure_steps(WARMING_UP)
    yield measure_steps(rows // 10)
    yield measure_steps(rows)


def measure_steps(rows: int) -> Facts:
    """Return what each step of an import takes, from the file to its undo."""
    empty_and_rule()
    text = write_text(rows)
    actor = find_actor()
    lines: list[tuple[str, ...]] = []

    def measure(name: str, act: Callable[[], Any]) -> Any:
        started = perf_counter()
        statements: Counter[str] = Counter()
        with connection.execute_wrapper(count_statements(statements)):
            result = act()
        seconds = perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // UNIT // 1024
        lines.append((name, f"{seconds:,.1f}", f"{statements.total():,}", f"{peak:,}"))
        return result

    def send() -> Any:
        return create_plan(ContentFile(text, name="bookings.csv"), actor=actor)

    def show() -> None:
        page = read_page(RequestFactory().get("/", {"page": "2"}), plan.rows.all(), size=50)
        assert len(page.object_list) == min(50, rows - 50)

    measure("before", lambda: None)
    plan = measure("first: read and stored", send)
    measure("one house approved", lambda: approve_labels(plan, plan.labels.all()[:1], actor=actor))
    plan = measure(
        "all houses approved", lambda: approve_labels(plan, plan.labels.all(), actor=actor)
    )
    measure("a page of the plan", show)
    plan = measure("first: applied", lambda: apply_plan(plan, actor=actor))
    assert Booking.objects.count() == rows
    measure("the same again: read and stored", send)
    measure("undone", lambda: undo_import(plan.log, actor=actor))
    return Facts(
        title=f"a CSV file of {rows:,} bookings",
        headings=("step", "seconds", "statements", "peak memory, MB"),
        rows=lines,
    )


def count_statements(found: "Counter[str]") -> Callable[..., Any]:
    """Return a wrapper that counts, and keeps no text as Django's own capture would."""

    def execute(act: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found[sql.partition(" ")[0]] += 1
        return act(sql, *rest)

    return execute


def write_text(rows: int) -> bytes:
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEADERS)
    # Far enough apart in time for a house to hold some thousand stays within the calendar.
    number = 0
    for block in range(0, rows, 20_000):
        count = min(20_000, rows - block)
        for one in make_bookings(count=count, seed=block, start=date(2026, 12, 1)):
            house = f"{one.label.strip()} {block // 20_000}"
            number += 1
            writer.writerow([f"HM{number}", one.status, one.guest_name, one.start, one.end, house])
    return stream.getvalue().encode()
