"""How much room an event takes."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from django_modernize.audit import AuditEvent

from .bulk import create_rows, delete_rows, update_rows
from .harness import active_context
from .models import TrackedStay
from .report import Facts
from .stays import StayTable

__all__ = ["list_facts"]


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the bytes of an event with its share of the indexes, by what was recorded."""
    table = StayTable(model=TrackedStay, rows=rows)
    sizes = {
        "create": _measure_growth(table.make_new, create_rows) / rows,
        "update of one field": _measure_growth(table.store, update_rows) / rows,
        "delete": _measure_growth(table.store, delete_rows) / rows,
    }
    yield Facts(
        title="bytes per event, indexes included, of a row with 20 columns",
        headings=("event", "bytes"),
        rows=[(name, f"{size:,.0f}") for name, size in sizes.items()],
    )


def _measure_growth(prepare: Callable[[], Any], run: Callable[[Any], object]) -> int:
    material = prepare()
    before = _count_event_bytes()
    with active_context():
        run(material)
    return _count_event_bytes() - before


def _count_event_bytes() -> int:
    name = AuditEvent._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [name])
        else:
            cursor.execute(
                "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN "
                "(SELECT name FROM sqlite_master WHERE tbl_name = %s)",
                [name],
            )
        return int(cursor.fetchone()[0])
