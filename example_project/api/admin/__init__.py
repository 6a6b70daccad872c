"""AriStay's pages for administrators, one module per area."""

from .auth import UserAdmin
from .booking import BookingAdmin
from .imports import BookingImportLogAdmin
from .property import PropertyAdmin, PropertyAliasAdmin
from .task import TaskAdmin

__all__ = [
    "BookingAdmin",
    "BookingImportLogAdmin",
    "PropertyAdmin",
    "PropertyAliasAdmin",
    "TaskAdmin",
    "UserAdmin",
]
