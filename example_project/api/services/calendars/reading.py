"""Parses the events of a calendar (RFC 5545)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _
from icalendar import Calendar

from api.models.import_reasons import Grouped, Saying
from api.services.days import EARLIEST, LATEST

from .fetching import CalendarUnreachable

__all__ = ["OWN_DOMAIN", "FeedEvent", "ReadCalendar", "read_calendar", "read_events"]

MAX_EVENTS: Final = 2_000
MOST_NIGHTS: Final = 3_660
OWN_DOMAIN: Final = "@aristay"
"""How the names of AriStay's own events end: what comes back to us is no booking."""

BLOCKED_WORDS: Final = ("not available", "unavailable", "blocked", "closed")
"""How platforms call days that nobody booked."""

CODE: Final = re.compile(r"/reservations/details/(HM[A-Z0-9]{6,12})\b")
"""Where Airbnb's events tell the code: in the address of the reservation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedEvent:
    """One event of a calendar."""

    uid: str
    """What names it, the same each time."""
    starts_on: date
    """The day of arrival by the house's clock."""
    ends_on: date
    """The day of departure."""
    summary: str
    """What the calendar calls it; often the guest."""
    is_stay: bool
    """Whether somebody stays; not so for days that are merely closed."""
    code: str = ""
    """The platform's confirmation code, where the event tells it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCalendar:
    """The content of a calendar."""

    name: str
    """What it calls itself; often the house."""
    product: str
    """What wrote it."""
    events: Sequence[FeedEvent]
    """Its events, each name once."""


def read_events(content: bytes, zone: ZoneInfo) -> Sequence[FeedEvent]:
    """Return the events of a calendar; see :func:`read_calendar`."""
    return read_calendar(content, zone).events


def read_calendar(content: bytes, zone: ZoneInfo) -> ReadCalendar:
    """Return a calendar with its events, each name once; cancelled ones are left out.

    Args:
        content: The calendar.
        zone: The house's clock, for events that tell the hour.

    Raises:
        CalendarUnreachable: It is no calendar, or one with too many events.
    """
    try:
        calendar: Any = Calendar.from_ical(content)
        found = list(_list_events(calendar, zone))
    # The parser can raise anything; bad input must not end the command.
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise CalendarUnreachable("damaged", _("It is no calendar.")) from error
    if len(found) > MAX_EVENTS:
        said = Saying(_("It has more than %(most)s events."), {"most": Grouped(MAX_EVENTS)})
        raise CalendarUnreachable("too_many", said)
    return ReadCalendar(
        name=_read_line(calendar, "X-WR-CALNAME"),
        product=_read_line(calendar, "PRODID"),
        events=list({event.uid: event for event in found}.values()),
    )


def _list_events(calendar: Any, zone: ZoneInfo) -> Iterator[FeedEvent]:
    for component in calendar.walk("VEVENT"):
        uid = str(component.get("UID", "")).replace("\x00", "").strip()
        start = component.get("DTSTART")
        if not uid or start is None or str(component.get("STATUS", "")).upper() == "CANCELLED":
            continue
        starts_on = _read_day(start.dt, zone)
        ends_on = _find_end(component, start.dt, zone)
        summary = _read_line(component, "SUMMARY")
        told = CODE.search(_read_line(component, "DESCRIPTION", length=2_000))
        if _is_in_calendar(starts_on, ends_on):
            yield FeedEvent(
                uid=uid[:255],
                starts_on=starts_on,
                ends_on=ends_on,
                summary=summary,
                is_stay=_is_stay(uid, summary),
                code=told.group(1) if told else "",
            )


def _is_in_calendar(first: date, last: date) -> bool:
    """Return whether dates can be those of a stay: not endless, and not ages ago."""
    return EARLIEST <= first < last <= LATEST and (last - first).days <= MOST_NIGHTS


def _read_line(component: Any, name: str, *, length: int = 200) -> str:
    return " ".join(str(component.get(name, "")).replace("\x00", "").split())[:length]


def _find_end(component: Any, start: date, zone: ZoneInfo) -> date:
    end = component.get("DTEND")
    if end is not None:
        return _read_day(end.dt, zone)
    length = component.get("DURATION")
    return _read_day(start + (length.dt if length is not None else timedelta(days=1)), zone)


def _read_day(moment: date, zone: ZoneInfo) -> date:
    if not isinstance(moment, datetime):
        return moment
    # A floating time is in the house's time zone.
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def _is_stay(uid: str, summary: str) -> bool:
    words = summary.casefold()
    return not uid.endswith(OWN_DOMAIN) and not any(one in words for one in BLOCKED_WORDS)
