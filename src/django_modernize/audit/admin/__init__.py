"""The trail in Django's admin: to read, to take along, and to go back by."""

from .events import AuditEventAdmin
from .history import AuditedAdminMixin

__all__ = ["AuditEventAdmin", "AuditedAdminMixin"]
