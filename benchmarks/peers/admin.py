"""The peers' bookings in the admin, each with its peer's page of a history.

django-pghistory has a list of all events, which narrows down to those of an object.
"""

from auditlog.mixins import AuditlogHistoryAdminMixin
from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from .models import HistoryStay, LoggedStay

__all__ = ["LoggedStayAdmin"]


@admin.register(LoggedStay)
class LoggedStayAdmin(AuditlogHistoryAdminMixin, admin.ModelAdmin):
    """Shows a hundred events on a page, as the others do."""

    auditlog_history_per_page = 100


admin.site.register(HistoryStay, SimpleHistoryAdmin)
