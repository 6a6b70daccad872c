"""AriStay's tables, one module per area."""

from .auth import User
from .booking import Booking
from .imports import BookingImportLog, BookingImportRow
from .property import Property, PropertyAlias
from .task import Task

__all__ = [
    "Booking",
    "BookingImportLog",
    "BookingImportRow",
    "Property",
    "PropertyAlias",
    "Task",
    "User",
]
