"""Turns decisions into the rows of new bookings."""

from datetime import datetime
from typing import Any, Final

from api.models import Booking, BookingImportLog

from .rows import BookingRow
from .stays import Stay

__all__ = ["BOOKING_FIELDS", "booking_template", "booking_values"]

STAY_FIELDS: Final = (
    "check_in",
    "check_out",
    "guest_name",
    "guest_contact",
    "status",
    "source",
    "listing_name",
    "earnings",
    "booked_on",
    "adults",
    "children",
    "infants",
)
"""What a booking takes over from its stay under the same name."""

BOOKING_FIELDS: Final = (
    *STAY_FIELDS,
    "property",
    "external_code",
    "external_status",
    "nights",
    "property_label_raw",
    "same_day_note",
    "same_day_flag",
    "raw_row",
)
"""The fields that :func:`booking_values` gives."""


def booking_template(log: BookingImportLog, moment: datetime) -> Booking:
    """Return what all bookings of an import share.

    Args:
        log: The import.
        moment: When it writes.
    """
    return Booking(import_log=log, last_import_update=moment, created_at=moment, modified_at=moment)


def booking_values(row: BookingRow, stay: Stay, property_id: int) -> tuple[Any, ...]:
    """Return the booking that a row makes.

    Args:
        row: The row.
        stay: What it says, in instants.
        property_id: The house.
    """
    return (
        *(getattr(stay, name) for name in STAY_FIELDS),
        property_id,
        stay.code,
        stay.status_text,
        row.nights,
        row.property_label,
        row.same_day_note,
        row.same_day_flag,
        row.raw,
    )
