"""Notifications in the admin, read-only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from api.models import DigestRun, Notification
from api.services.notification import describe_notice

from .base import ModelAdmin
from .matrix import MatrixAdminMixin
from .read_only import ReadOnlyMixin

__all__ = ["DigestRunAdmin", "NotificationAdmin"]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyMixin, MatrixAdminMixin, ModelAdmin):
    """Who was notified of what, and how."""

    list_display = ["text", "recipient", "actor", "count", "changed_at", "read_at", "emailed_at"]
    list_filter = ["verb", "changed_at"]
    list_select_related = ["recipient", "actor", "task", "property"]
    search_fields = ["recipient__username", "task__title", "matter"]
    date_hierarchy = "changed_at"

    @admin.display(description=_("text"))
    def text(self, notice: Notification) -> str:
        """Return the text of the notification."""
        return describe_notice(notice)


@admin.register(DigestRun)
class DigestRunAdmin(ReadOnlyMixin, MatrixAdminMixin, ModelAdmin):
    """Who received the digest of which day."""

    list_display = ["user", "day", "sent_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    date_hierarchy = "day"
