"""Makes the bookings and tasks of decisions, not yet stored."""

from datetime import datetime, timedelta
from typing import Final

from api.models import Booking, BookingImportLog, Task
from api.models.booking import BookingStatus
from api.models.task import TaskStatus, TaskType

from .houses import House
from .rows import BookingRow
from .stays import Stay

__all__ = ["make_booking", "make_task"]

TASK_STATUSES: Final = {
    BookingStatus.CANCELLED: TaskStatus.CANCELLED,
    # Whoever is in the house, or has left it, came into a cleaned one.
    BookingStatus.CURRENTLY_HOSTING: TaskStatus.COMPLETED,
    BookingStatus.COMPLETED: TaskStatus.COMPLETED,
}


def make_booking(
    row: BookingRow, stay: Stay, *, property_id: int, log: BookingImportLog, moment: datetime
) -> Booking:
    """Return the booking that a row makes.

    Args:
        row: The row.
        stay: What the row says, in instants.
        property_id: The house.
        log: The import.
        moment: When the import writes.
    """
    return Booking(
        property_id=property_id,
        check_in=stay.check_in,
        check_out=stay.check_out,
        guest_name=stay.guest_name,
        guest_contact=stay.guest_contact,
        status=stay.status,
        external_code=stay.code,
        external_status=stay.status_text,
        source=stay.source,
        listing_name=stay.listing_name,
        earnings=stay.earnings,
        booked_on=stay.booked_on,
        adults=stay.adults,
        children=stay.children,
        infants=stay.infants,
        nights=row.nights,
        property_label_raw=row.property_label,
        same_day_note=row.same_day_note,
        same_day_flag=row.same_day_flag,
        raw_row=row.raw,
        last_import_update=moment,
        import_log=log,
    )


def make_task(booking: Booking, stay: Stay, house: House) -> Task:
    """Return the cleaning task of a new booking: a day before check-in by the house's clock.

    Args:
        booking: The stored booking.
        stay: What the file says of it.
        house: Where it is.
    """
    return Task(
        title=f"Pre-arrival Cleaning - {house.name}",
        task_type=TaskType.CLEANING,
        status=TASK_STATUSES.get(BookingStatus(stay.status), TaskStatus.PENDING),
        property_id=booking.property_id,
        booking=booking,
        # At a change of time that is not 24 hours.
        due_date=house.check_in_at(stay.start_date - timedelta(days=1)),
    )
