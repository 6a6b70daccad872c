"""Turns stays into the rows of the occupancy calendar: half a day is a column.

Cells are put together here and not by a template: 60 houses in 60 days are some 1,800 of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from api.models import Property
from api.models.booking import BookingStatus
from api.services.days import name_day

__all__ = ["COLUMNS", "CalendarRow", "DayCount", "Stay", "make_rows"]

COLUMNS: Final = ("pk", "property_id", "check_in", "check_out", "guest_name", "status")
"""What is read of a booking."""

SHORT_GAP: Final = 2
"""How many free nights between two stays are hard to sell."""


@dataclass(slots=True)
class Stay:
    """A booking's place among the half days of the calendar; the end is the first one after it."""

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
    """How many guests come and go on a day."""

    arrivals: int = 0
    departures: int = 0
    turnovers: int = 0


@dataclass(slots=True)
class CalendarRow:
    """A house's line."""

    house: Property
    cells: SafeString
    nights: int = 0
    """How many nights of the window are taken."""


@dataclass(slots=True)
class Window:
    """The days that are shown."""

    first: date
    days: int
    counts: list[DayCount]

    @property
    def width(self) -> int:
        """How many half days there are."""
        return 2 * self.days


def make_rows(
    houses: Iterable[Property], bookings: Iterable[tuple[Any, ...]], first: date, days: int
) -> tuple[list[CalendarRow], list[DayCount]]:
    """Return a row for each house, and what each day brings.

    Args:
        houses: The houses, in the order to show them.
        bookings: The values of :data:`COLUMNS`, by house and check-in.
        first: The first day.
        days: How many days.

    Costs no query.
    """
    window = Window(first, days, [DayCount() for _day in range(days)])
    by_house: dict[int, list[tuple[Any, ...]]] = {}
    for booking in bookings:
        by_house.setdefault(booking[1], []).append(booking)
    rows = [_make_row(house, by_house.get(house.pk, []), window) for house in houses]
    return rows, window.counts


def _make_row(house: Property, bookings: list[tuple[Any, ...]], window: Window) -> CalendarRow:
    stays = list(_place_stays(bookings, ZoneInfo(house.time_zone), window))
    nights = sum((stay.end - stay.start + 1) // 2 for stay in stays)
    cells = mark_safe("".join(_draw_cells(stays, window)))  # noqa: S308 - made by format_html
    return CalendarRow(house=house, cells=cells, nights=nights)


def _place_stays(bookings: Iterable[Any], zone: ZoneInfo, window: Window) -> Iterator[Stay]:
    taken, left = 0, None
    for pk, _house, check_in, check_out, guest, status in bookings:
        first, last = _read_day(check_in, zone), _read_day(check_out, zone)
        # Guests leave in the morning and come in the afternoon.
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
        yield f'<td colspan="{window.width - position}"></td>'


def _draw_gap(start: int, end: int) -> str:
    nights = (end - start) // 2
    if start and 0 < nights <= SHORT_GAP:
        # Between two stays alone: what goes on past the edge is not known.
        words = ngettext("%(count)s night free", "%(count)s nights free", nights)
        return format_html(
            '<td colspan="{}" class="gap"><span title="{}">{}</span></td>',
            end - start,
            words % {"count": nights},
            nights,
        )
    return f'<td colspan="{end - start}"></td>'


def _draw_stay(stay: Stay, window: Window) -> str:
    marks = f"stay is-{stay.status}"
    days = f"{_show(stay.first)} \u2013 {_show(stay.last)}"
    words = f"{stay.guest}, {BookingStatus(stay.status).label}, {days}"
    if stay.is_turnover:
        marks += " turnover"
        words += f", {_('turnover on the day of arrival')}"
    if stay.first < window.first:
        marks += " from-before"
    if stay.end == window.width:
        marks += " goes-on"
    return format_html(
        '<td colspan="{}"><a class="{}" href="{}" title="{}">{}</a></td>',
        stay.end - stay.start,
        marks,
        _address(stay.pk),
        words,
        stay.guest,
    )


def _address(pk: int) -> str:
    # One look-up of the route in place of one for each stay.
    return f"{_find_folder()}{pk}/"


@cache
def _find_folder() -> str:
    return reverse("portal:bookings")


def _show(day: date) -> str:
    return _show_in(day, get_language() or "")


@lru_cache(maxsize=2048)
def _show_in(day: date, language: str) -> str:
    return name_day(day)


def _read_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
