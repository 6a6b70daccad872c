"""Reports as CSV, generated while they are sent."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied

from api.models import Booking, Task, User
from django_modernize.spreadsheets import disarm_cell

from .calendar import read_calendar
from .permission import get_access, list_visible

__all__ = ["REPORTS", "Report", "make_report", "write_csv"]

ROWS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """The column names, and an iterator of rows."""

    columns: tuple[str, ...]
    rows: Iterator[Iterable[Any]]


def make_report(*, actor: User, name: str, first: date, last: date) -> Report:
    """Return a report about the rows that a person can see.

    Args:
        actor: Who asks.
        name: One of :data:`REPORTS`.
        first: The first day.
        last: The last day, reported as well.

    Raises:
        PermissionDenied: The actor may see no reports.

    Costs two queries at most, when its rows are taken; they are never in memory together.
    """
    if not get_access(actor).may("api.view_reports"):
        raise PermissionDenied(f"{actor} may see no reports.")
    return REPORTS[name](actor, first, last)


def write_csv(report: Report) -> Iterator[str]:
    """Yield the lines of a report as CSV (RFC 4180), in which no cell is a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(report.columns)
    for row in report.rows:
        yield writer.writerow([_write_cell(cell) for cell in row])


class _Echo:
    """A file whose ``write()`` returns its argument."""

    def write(self, line: str) -> str:
        return line


def _write_cell(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else disarm_cell(cell)


def _report_occupancy(actor: User, first: date, last: date) -> Report:
    nights = (last - first).days + 1
    columns = ("house", "nights", "taken", "percent", "stays", "arrivals")
    rows = (
        (
            calendar.house.name,
            nights,
            calendar.taken_nights,
            round(100 * calendar.taken_nights / nights, 1),
            len(calendar.stays),
            sum(first <= stay.arrival <= last for stay in calendar.stays),
        )
        for calendar in read_calendar(actor=actor, first=first, last=last)
    )
    return Report(columns, rows)


def _report_bookings(actor: User, first: date, last: date) -> Report:
    columns = {
        "id": "pk",
        "house": "property__name",
        "check_in": "check_in",
        "check_out": "check_out",
        "nights": "nights",
        "status": "status",
        "guest": "guest_name",
        "adults": "adults",
        "children": "children",
        "infants": "infants",
        "source": "source",
        "code": "external_code",
        "earnings": "earnings",
        "currency": "currency",
    }
    rows = list_visible(get_access(actor), Booking).filter(**_span("check_in", first, last))
    return _list_columns(columns, rows.order_by("check_in", "pk"))


def _report_tasks(actor: User, first: date, last: date) -> Report:
    columns = {
        "id": "pk",
        "house": "property__name",
        "title": "title",
        "type": "task_type",
        "status": "status",
        "due": "due_date",
        "assignee": "assigned_to__username",
        "completed": "completed_at",
    }
    rows = list_visible(get_access(actor), Task).filter(**_span("due_date", first, last))
    return _list_columns(columns, rows.order_by("due_date", "pk"))


def _span(name: str, first: date, last: date) -> dict[str, datetime]:
    zone = ZoneInfo(settings.TIME_ZONE)
    return {
        f"{name}__gte": datetime.combine(first, time.min, zone),
        f"{name}__lt": datetime.combine(last + timedelta(days=1), time.min, zone),
    }


def _list_columns(columns: Mapping[str, str], rows: Any) -> Report:
    values = rows.values_list(*columns.values())
    return Report(tuple(columns), values.iterator(chunk_size=ROWS_AT_ONCE))


REPORTS: Final = {
    "occupancy": _report_occupancy,
    "bookings": _report_bookings,
    "tasks": _report_tasks,
}
"""The reports that there are."""
