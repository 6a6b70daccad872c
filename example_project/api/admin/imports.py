"""The log of imports in the admin: to be read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from api.models import BookingImportLog, BookingImportPlan, BookingImportTemplate

from .base import HouseAdmin, ModelAdmin

__all__ = ["BookingImportLogAdmin", "BookingImportPlanAdmin", "BookingImportTemplateAdmin"]


@admin.register(BookingImportTemplate)
class BookingImportTemplateAdmin(HouseAdmin):
    """How the files of each sender are to be read."""

    list_display = ["name", "file_type", "property", "date_format", "makes_tasks"]
    list_filter = ["file_type"]
    list_select_related = ["property"]
    search_fields = ["name"]
    autocomplete_fields = ["property"]


class MachineAdmin(ModelAdmin):
    """Records of machines: to be read, and never written by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether one may be made by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one may be changed: never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one may be deleted: never."""
        return False


@admin.register(BookingImportPlan)
class BookingImportPlanAdmin(MachineAdmin):
    """The imports, from upload to end; each is worked on in the portal."""

    list_display = ["file_name", "status", "row_count", "created_at", "created_by"]
    list_filter = ["status", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name", "file_digest"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the plan as the portal does, with all that can be decided about it."""
        plan = self.get_object(request, object_id)
        if plan is None or not self.has_view_permission(request, plan):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("portal:import_plan", plan.pk)


@admin.register(BookingImportLog)
class BookingImportLogAdmin(MachineAdmin):
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
