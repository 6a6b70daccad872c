"""Writes values that people accepted from a file to existing bookings."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from api.models import Booking, BookingImportLog

from .decision import Decision

__all__ = ["amend_bookings"]


def amend_bookings(decisions: Sequence[Decision], *, log: BookingImportLog) -> None:
    """Write the amendments of some decisions, all or none.

    Args:
        decisions: Decisions with an amendment, about bookings that are stored.
        log: The import.

    Raises:
        IntegrityError: The database refuses one of them.
        DataError: Likewise.

    Costs two statements for each 200 bookings.
    """
    values: dict[int, Mapping[str, Any]] = {
        one.stay.booking_id: one.amendment for one in decisions if one.stay and one.stay.booking_id
    }
    names = sorted({name for one in values.values() for name in one})
    bookings = list(Booking.objects.filter(pk__in=values))
    for booking in bookings:
        for name, value in values[booking.pk].items():
            setattr(booking, name, value)
        booking.last_import_update = log.imported_at
    fields = [name.removesuffix("_id") for name in names]
    with transaction.atomic():
        Booking.objects.bulk_update(bookings, [*fields, "last_import_update"], batch_size=200)
