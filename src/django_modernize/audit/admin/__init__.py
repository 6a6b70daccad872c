"""The trail in Django's admin: view, export and revert events."""

from .events import AuditEventAdmin
from .history import AuditedAdminMixin

__all__ = ["AuditEventAdmin", "AuditedAdminMixin"]
