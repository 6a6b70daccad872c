"""Pages of the admin for rules: written without JSON, looked at before they are saved."""

from .schedules import RecurringTaskAdminMixin
from .templates import AutoTaskAdminMixin

__all__ = ["AutoTaskAdminMixin", "RecurringTaskAdminMixin"]
