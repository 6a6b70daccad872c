"""The doors to bookings, and calendars in and out."""

from datetime import date, timedelta
from typing import Any

from api import models
from api.services import (
    booking,
    calendar,
)
from api.services.calendars import publishing, syncing
from api.services.calendars.fetching import FetchedCalendar
from api.services.excel_import import import_bookings
from tests.example.factories import make_file
from tests.example.rows import NOW, Corner
from tests.example.service_doors.door import Door, holds

IMPORT, APPROVE, UNDO = "api.import_bookings", "api.approve_property", "api.undo_import"


def move_booking(actor: Any, row: Any, corner: Corner) -> Any:
    """Move a booking by some months."""
    return booking.move_booking(
        actor=actor,
        booking=row,
        house=row.property,
        first_day=date(2031, 5, 1),
        last_day=date(2031, 5, 4),
    )


def make_booking(actor: Any, house: Any, corner: Corner) -> Any:
    """Make a booking in a house."""
    values = {
        "property": house,
        "check_in": NOW,
        "check_out": NOW + timedelta(days=2),
        "guest_name": "Ada",
    }
    return booking.create_booking(actor=actor, values=values)


def read_days(actor: Any, house: Any, corner: Corner) -> Any:
    """Return the houses of the calendar."""
    shown = calendar.read_calendar(actor=actor, first=date(2027, 1, 1), last=date(2027, 1, 9))
    return [one.house for one in shown]


class EmptyCalendar:
    """Stands in for the fetcher, which asks other people's servers."""

    def fetch(self, url: str, *, etag: str = "") -> FetchedCalendar:
        """Return a calendar without an event."""
        return FetchedCalendar(content=b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")


DOORS: dict[str, Door] = {
    "booking.create_booking": Door(
        go=make_booking, asks=("api.add_booking",), model=models.Property
    ),
    "booking.change_booking": Door(
        go=lambda actor, row, corner: booking.change_booking(
            actor=actor, booking=row, values={"guest_name": "Zeno"}
        ),
        asks=("api.change_booking",),
        model=models.Booking,
    ),
    "booking.move_booking": Door(
        go=move_booking, asks=("api.change_booking",), model=models.Booking
    ),
    "booking.cancel_booking": Door(
        go=lambda actor, row, corner: booking.cancel_booking(actor=actor, booking=row),
        asks=("api.change_booking",),
        model=models.Booking,
    ),
    "calendar.read_calendar": Door(
        go=read_days, asks=("api.view_property",), model=models.Property, did=holds
    ),
    "calendars.publishing.share_calendar": Door(
        go=lambda actor, row, corner: publishing.share_calendar(row, "Reader", actor=actor),
        asks=("api.add_calendarshare",),
        model=models.Property,
    ),
    "calendars.syncing.sync_feed": Door(
        go=lambda actor, row, corner: syncing.sync_feed(row, actor=actor, fetcher=EmptyCalendar()),
        asks=("api.change_calendarfeed",),
        model=models.CalendarFeed,
    ),
    "excel_import.service.import_bookings": Door(
        go=lambda actor, row, corner: import_bookings(
            make_file(), file_name="bookings.xlsx", create_properties=True, actor=actor
        ),
        asks=(IMPORT, APPROVE),
    ),
}
"""Each by the module and the name of the service."""
