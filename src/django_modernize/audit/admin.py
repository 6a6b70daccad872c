"""The trail in Django's admin: to read, never to write."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from .models import AuditEvent

__all__ = ["AuditEventAdmin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[AuditEvent]
else:
    Base = admin.ModelAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(Base):
    """Events, newest first; only for who has the permission to view them."""

    list_display = ("created_at", "action", "object", "summary", "who", "source", "reason")
    list_filter = ("action", "source")
    search_fields = ("object_id__exact", "object_type__istartswith", "actor_label__istartswith")
    search_help_text = "Object id, object type (api.booking) or the beginning of a user's name."
    # A table that only grows makes counting all of it the slowest query of the page.
    show_full_result_count = False
    list_per_page = 50

    @admin.display(ordering="object_type")
    def object(self, event: AuditEvent) -> str:
        """Return what the event is about."""
        return f"{event.object_type} {event.object_id}"

    @admin.display(description="changes")
    def summary(self, event: AuditEvent) -> SafeString:
        """Return the changed fields with old and new value."""
        return format_html_join(
            "",
            "<div><b>{}</b>: {} → {}</div>",
            ((name, old, new) for name, (old, new) in event.decode_changes().items()),
        )

    @admin.display(ordering="actor_label")
    def who(self, event: AuditEvent) -> str:
        """Return the actor's name at that time."""
        return event.actor_label or "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds an event."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes an event."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes an event."""
        return False
