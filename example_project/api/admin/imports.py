"""Import logs in the admin, read-only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import BookingImportLog, BookingImportPlan, BookingImportTemplate
from api.models.spelling import spell_moment

from .base import HouseAdmin, ModelAdmin, show_badge

__all__ = ["BookingImportLogAdmin", "BookingImportPlanAdmin", "BookingImportTemplateAdmin"]


@admin.register(BookingImportTemplate)
class BookingImportTemplateAdmin(HouseAdmin):
    """How to read the files of each sender."""

    list_display = ["name", "file_type", "property", "date_format", "makes_tasks"]
    list_filter = ["file_type"]
    list_select_related = ["property"]
    search_fields = ["name"]
    autocomplete_fields = ["property"]


class MachineAdmin(ModelAdmin):
    """Rows written by code: read-only, each with its own page."""

    page_route: ClassVar[str]
    """The name of that page, which is given the primary key."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a row may be added by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row may be changed: never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row may be deleted: never."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the row's page instead of a form."""
        record = self.get_object(request, object_id)
        if record is None or not self.has_view_permission(request, record):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect(self.page_route, record.pk)


@admin.register(BookingImportPlan)
class BookingImportPlanAdmin(MachineAdmin):
    """Imports, from upload to completion; people work on them in the portal."""

    page_route = "portal:import_plan"

    list_display = ["file_name", "status", "row_count", "created_at", "created_by"]
    list_filter = ["status", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name", "file_digest"]


@admin.register(BookingImportLog)
class BookingImportLogAdmin(MachineAdmin):
    """What was imported when, by whom, and with which result."""

    page_route = "admin:api_booking_import_report"

    # Columns that need attention come first, since a narrow screen shows only the first ones.
    list_display = [
        "file_name",
        "moment",
        "imported_by",
        "undone",
        "row_count",
        "conflict_count",
        "refused_count",
        "created_count",
        "updated_count",
        "unchanged_count",
        "task_count",
    ]
    list_filter = ["imported_at"]
    list_select_related = ["imported_by"]
    search_fields = ["file_name", "file_digest"]

    @admin.display(description=gettext_lazy("imported at"), ordering="imported_at")
    def moment(self, log: BookingImportLog) -> str:
        """Return the time of the import in a short format."""
        return spell_moment(log.imported_at)

    @admin.display(description=gettext_lazy("undone"), ordering="undone_at")
    def undone(self, log: BookingImportLog) -> str:
        """Return a mark for an import that was undone."""
        return show_badge("cancelled", _("undone")) if log.undone_at else ""
