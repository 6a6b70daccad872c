"""The log of imports in the admin: to be read only."""

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
    """How the files of each sender are to be read."""

    list_display = ["name", "file_type", "property", "date_format", "makes_tasks"]
    list_filter = ["file_type"]
    list_select_related = ["property"]
    search_fields = ["name"]
    autocomplete_fields = ["property"]


class MachineAdmin(ModelAdmin):
    """Records of machines: to be read, each on a page of its own, and never written by hand."""

    page_route: ClassVar[str]
    """The name of that page, which is given the primary key."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether one may be made by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one may be changed: never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether one may be deleted: never."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the record's page in place of a form."""
        record = self.get_object(request, object_id)
        if record is None or not self.has_view_permission(request, record):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect(self.page_route, record.pk)


@admin.register(BookingImportPlan)
class BookingImportPlanAdmin(MachineAdmin):
    """The imports, from upload to end; each is worked on in the portal."""

    page_route = "portal:import_plan"

    list_display = ["file_name", "status", "row_count", "created_at", "created_by"]
    list_filter = ["status", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name", "file_digest"]


@admin.register(BookingImportLog)
class BookingImportLogAdmin(MachineAdmin):
    """What was imported when, by whom, and how it went."""

    page_route = "admin:api_booking_import_report"

    # What somebody has to look after comes before what went well: a narrow screen shows the first.
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
        """Return when it was, in few letters."""
        return spell_moment(log.imported_at)

    @admin.display(description=gettext_lazy("undone"), ordering="undone_at")
    def undone(self, log: BookingImportLog) -> str:
        """Return a mark on an import that was taken back."""
        return show_badge("cancelled", _("undone")) if log.undone_at else ""
