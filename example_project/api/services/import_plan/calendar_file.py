"""Reads an uploaded calendar into rows, like those of a workbook."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _

from api.models.booking import BookingSource, BookingStatus
from api.models.import_reasons import Saying
from api.services.calendars.fetching import CalendarUnreachable
from api.services.calendars.reading import FeedEvent, ReadCalendar, read_calendar
from api.services.excel_import.columns import Column
from api.services.excel_import.errors import ImportRefused
from api.services.excel_import.rows import BookingRow
from api.services.excel_import.words import label_key

__all__ = ["COLUMNS", "MAX_CALENDAR_BYTES", "RefusedCalendar", "read_calendar_file"]

MAX_CALENDAR_BYTES: Final = 5 * 1024 * 1024
COLUMNS: Final[Mapping[str, Column]] = {
    field: Column(index=index, header=header)
    for index, (field, header) in enumerate(
        {
            "code": "DESCRIPTION",
            "guest_name": "SUMMARY",
            "start_date": "DTSTART",
            "end_date": "DTEND",
            "property_label": "X-WR-CALNAME",
            "source": "PRODID",
            "status": "STATUS",
        }.items()
    )
}
"""Where the fields stand: a calendar has no columns, and messages name its properties."""

NOBODY: Final = frozenset({"", "reserved", "booked", "busy", "airbnb", "vrbo", "reservation"})
"""What platforms write in place of a guest's name."""

PRODUCTS: Final[Mapping[str, BookingSource]] = {
    "airbnb": BookingSource.AIRBNB,
    "homeaway": BookingSource.VRBO,
    "vrbo": BookingSource.VRBO,
}


class RefusedCalendar(ImportRefused):
    """The file is no calendar that can be read.

    Args:
        unreachable: What reading it said.
    """

    def __init__(self, unreachable: CalendarUnreachable) -> None:
        text = _("The calendar cannot be imported. %(reason)s")
        super().__init__(Saying(text, {"reason": unreachable.saying}))
        self.code = unreachable.code


def read_calendar_file(
    text: str, *, file_name: str, house: str, zone: ZoneInfo
) -> Iterator[BookingRow]:
    """Yield the stays of a calendar; days that are merely closed, and AriStay's own, are left out.

    A guest whom the calendar does not name is left empty, and so differs from nobody.

    Args:
        text: The calendar.
        file_name: What the house is called where neither is said by what follows.
        house: The house of all stays; otherwise the name of the calendar means it.
        zone: The clock by which hours count.

    Raises:
        RefusedCalendar: It is none, or too long.
    """
    try:
        calendar = read_calendar(text.encode(), zone)
    except CalendarUnreachable as error:
        raise RefusedCalendar(error) from error
    label = house or calendar.name or PurePath(file_name).stem
    source = _find_source(calendar)
    for number, event in enumerate(calendar.events, start=1):
        if event.is_stay:
            yield _make_row(number, event, label[:200], source)


def _find_source(calendar: ReadCalendar) -> str:
    product = calendar.product.casefold()
    return next((source.value for word, source in PRODUCTS.items() if word in product), "")


def _make_row(number: int, event: FeedEvent, label: str, source: str) -> BookingRow:
    return BookingRow(
        number=number,
        code=event.code,
        status=BookingStatus.CONFIRMED,
        status_text="",
        guest_name="" if label_key(event.summary) in NOBODY else event.summary,
        guest_contact="",
        property_label=label,
        source=source,
        start_date=event.starts_on,
        end_date=event.ends_on,
        booked_on=None,
        adults=None,
        children=None,
        infants=None,
        listing_name="",
        earnings=None,
        same_day_note="",
        same_day_flag=False,
        raw={"uid": event.uid, "summary": event.summary},
        notes=(),
    )
