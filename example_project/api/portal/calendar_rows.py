"""Turns stays into the rows of the occupancy calendar, with half a day as a column.

Cells are built here and not in a template: 60 houses and 60 days make some 1,800 of them. They
contain only what the page cannot know: ``calendar.js`` derives the days and the status of the
focused stay from the columns and the legend.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from api.models import Property
from api.models.booking import BookingStatus

__all__ = ["COLUMNS", "STATUS_CLASSES", "CalendarRow", "DayCount", "Stay", "make_rows"]

COLUMNS: Final = ("pk", "property_id", "check_in", "check_out", "guest_name", "status")
"""What is read of a booking."""

STATUS_CLASSES: Final[Mapping[str, str]] = {
    BookingStatus.CONFIRMED: "c",
    BookingStatus.BOOKED: "b",
    BookingStatus.CURRENTLY_HOSTING: "h",
    BookingStatus.OWNER_STAYING: "o",
    BookingStatus.COMPLETED: "d",
}
"""How a stay's status is written into its cell."""

SHORT_GAP: Final = 2
"""How many free nights between two stays are hard to sell."""


@dataclass(slots=True)
class Stay:
    """The position of a booking in half days; the end is exclusive."""

    pk: int
    guest: str
    status: str
    first: date
    last: date
    start: int
    end: int
    is_turnover: bool = False


@dataclass(slots=True)
class DayCount:
    """How many guests arrive and depart on a day."""

    arrivals: int = 0
    departures: int = 0
    turnovers: int = 0


@dataclass(slots=True)
class CalendarRow:
    """The row of a house."""

    house: Property
    cells: SafeString
    nights: int = 0
    """How many nights of the window are taken."""


@dataclass(slots=True)
class Window:
    """The range of days that is shown."""

    first: date
    days: int
    counts: list[DayCount]
    disputed: Container[int]
    """The bookings that an import wants to be otherwise."""

    @property
    def width(self) -> int:
        """How many half days there are."""
        return 2 * self.days


def make_rows(
    houses: Iterable[Property],
    bookings: Iterable[tuple[Any, ...]],
    first: date,
    days: int,
    *,
    disputed: Container[int] = (),
) -> tuple[list[CalendarRow], list[DayCount]]:
    """Return a row for each house, and the counts of each day.

    Args:
        houses: The houses, in the order to show them.
        bookings: The values of :data:`COLUMNS`, by house and check-in.
        first: The first day.
        days: How many days.
        disputed: The keys of bookings that have an import conflict.

    Costs no query.
    """
    window = Window(first, days, [DayCount() for _day in range(days)], disputed)
    by_house: dict[int, list[tuple[Any, ...]]] = {}
    for booking in bookings:
        by_house.setdefault(booking[1], []).append(booking)
    rows = [_make_row(house, by_house.get(house.pk, []), window) for house in houses]
    return rows, window.counts


def _make_row(house: Property, bookings: list[tuple[Any, ...]], window: Window) -> CalendarRow:
    stays = list(_place_stays(bookings, ZoneInfo(house.time_zone), window))
    nights = sum((stay.end - stay.start + 1) // 2 for stay in stays)
    cells = mark_safe("".join(_draw_cells(stays, window)))  # noqa: S308 - guests are escaped
    return CalendarRow(house=house, cells=cells, nights=nights)


def _place_stays(bookings: Iterable[Any], zone: ZoneInfo, window: Window) -> Iterator[Stay]:
    taken, left = 0, None
    for pk, _house, check_in, check_out, guest, status in bookings:
        first, last = _read_day(check_in, zone), _read_day(check_out, zone)
        # Guests leave in the morning and arrive in the afternoon.
        start = max(2 * (first - window.first).days + 1, taken)
        end = min(max(2 * (last - window.first).days + 1, start + 1), window.width)
        is_turnover = left == first
        _count_day(window, first, last, is_turnover)
        left = last
        if start < end:
            taken = end
            yield Stay(pk, guest, status, first, last, start, end, is_turnover)


def _count_day(window: Window, first: date, last: date, is_turnover: bool) -> None:
    arrival, departure = (first - window.first).days, (last - window.first).days
    if 0 <= arrival < window.days:
        window.counts[arrival].arrivals += 1
        window.counts[arrival].turnovers += is_turnover
    if 0 <= departure < window.days:
        window.counts[departure].departures += 1


def _draw_cells(stays: list[Stay], window: Window) -> Iterator[str]:
    position = 0
    for stay in stays:
        if stay.start > position:
            yield _draw_gap(position, stay.start)
        yield _draw_stay(stay, window)
        position = stay.end
    if position < window.width:
        yield f"<td colspan={window.width - position}>"


def _draw_gap(start: int, end: int) -> str:
    nights = (end - start) // 2
    if start and 0 < nights <= SHORT_GAP:
        # Only between two stays: what lies beyond the edge is unknown.
        return f"<td colspan={end - start} class=gap>{nights}"
    return f"<td colspan={end - start}>"


def _draw_stay(stay: Stay, window: Window) -> str:
    marks = STATUS_CLASSES.get(stay.status, "")
    if stay.is_turnover:
        marks += " t"
    if stay.first < window.first:
        marks += " from"
    if stay.end == window.width:
        marks += " on"
    if stay.pk in window.disputed:
        marks += " x"
    attribute = f'"{marks}"' if " " in marks else marks or '""'
    address, guest = f"{_find_folder()}{stay.pk}/", escape(stay.guest)
    return f"<td colspan={stay.end - stay.start}><a class={attribute} href={address}>{guest}</a>"


@cache
def _find_folder() -> str:
    # Resolve the route once, not once for each stay.
    return reverse("portal:bookings")


def _read_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
