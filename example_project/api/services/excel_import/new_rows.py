"""Turns decisions into the rows of new bookings and tasks."""

from datetime import datetime, timedelta
from typing import Any, Final

from api.models import Booking, BookingImportLog, Task
from api.models.booking import BookingStatus
from api.models.task import TaskStatus, TaskType

from .houses import House
from .rows import BookingRow
from .stays import Stay

__all__ = [
    "BOOKING_FIELDS",
    "TASK_FIELDS",
    "booking_template",
    "booking_values",
    "task_template",
    "task_values",
]

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

TASK_FIELDS: Final = ("title", "status", "property", "booking", "due_date")
"""The fields that :func:`task_values` gives."""

TASK_STATUSES: Final = {
    BookingStatus.CANCELLED: TaskStatus.CANCELLED,
    # Whoever is in the house, or has left it, came into a cleaned one.
    BookingStatus.CURRENTLY_HOSTING: TaskStatus.COMPLETED,
    BookingStatus.COMPLETED: TaskStatus.COMPLETED,
}


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


def task_template(moment: datetime) -> Task:
    """Return what all tasks of an import share.

    Args:
        moment: When it writes.
    """
    return Task(task_type=TaskType.CLEANING, created_at=moment, modified_at=moment)


def task_values(booking_id: int, stay: Stay, house: House, property_id: int) -> tuple[Any, ...]:
    """Return the cleaning of a new booking: a day before check-in by the house's clock.

    Args:
        booking_id: The booking.
        stay: What the file says of it.
        house: Where it is, as the import sees it.
        property_id: Where it is.
    """
    return (
        f"Pre-arrival Cleaning - {house.name}",
        TASK_STATUSES.get(BookingStatus(stay.status), TaskStatus.PENDING),
        property_id,
        booking_id,
        # At a change of time that is not 24 hours.
        house.check_in_at(stay.start_date - timedelta(days=1)),
    )
