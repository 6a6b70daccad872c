"""The log of imports in the admin: to be read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from api.models import BookingImportLog

from .base import ModelAdmin

__all__ = ["BookingImportLogAdmin"]


@admin.register(BookingImportLog)
class BookingImportLogAdmin(ModelAdmin):
    """What was imported when, by whom, and how it went."""

    list_display = [
        "file_name",
        "imported_at",
        "imported_by",
        "row_count",
        "created_count",
        "updated_count",
        "unchanged_count",
        "conflict_count",
        "refused_count",
        "task_count",
    ]
    list_filter = ["imported_at"]
    list_select_related = ["imported_by"]
    search_fields = ["file_name", "file_digest"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a log may be made by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a log may be changed: never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a log may be deleted: never."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the report of the import in place of a form."""
        log = self.get_object(request, object_id)
        if log is None or not self.has_view_permission(request, log):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:api_booking_import_report", log.pk)
