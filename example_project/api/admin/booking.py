"""Bookings in the admin, with a link to the import."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from api.models import Booking

from .base import HouseAdmin, show_badge, show_day
from .import_page import may_import, show_import_page, show_report_page

__all__ = ["BookingAdmin"]


@admin.register(Booking)
class BookingAdmin(HouseAdmin):
    """The bookings."""

    locks_rules = True
    change_list_template = "admin/api/booking/change_list.html"
    list_display = [
        "guest_name",
        "property",
        "arrival",
        "departure",
        "nights",
        "status_badge",
        "source",
        "code",
    ]
    list_filter = ["status", "source", "check_in", ("property", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["property"]
    search_fields = ["guest_name", "external_code", "property__name"]
    date_hierarchy = "check_in"
    autocomplete_fields = ["property"]
    readonly_fields = (
        *HouseAdmin.readonly_fields,
        "property_label_raw",
        "last_import_update",
        "import_log",
        "raw_row",
    )
    fieldsets = [
        (None, {"fields": ["property", ("check_in", "check_out"), "nights", "status"]}),
        (
            gettext_lazy("Guest"),
            {"fields": ["guest_name", "guest_contact", ("adults", "children", "infants")]},
        ),
        (
            gettext_lazy("Origin"),
            {
                "fields": [
                    "source",
                    ("external_code", "external_status"),
                    "listing_name",
                    "booked_on",
                    ("earnings", "currency"),
                ]
            },
        ),
        (
            gettext_lazy("From the workbook"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("same_day_flag", "same_day_note"),
                    "property_label_raw",
                    "last_import_update",
                    "import_log",
                    "raw_row",
                ],
            },
        ),
    ]

    @admin.display(ordering="check_in", description=gettext_lazy("check-in"))
    def arrival(self, booking: Booking) -> str:
        """Return the day of check-in in the house's time zone."""
        return show_day(booking.check_in, booking.property.time_zone)

    @admin.display(ordering="check_out", description=gettext_lazy("check-out"))
    def departure(self, booking: Booking) -> str:
        """Return the day of check-out in the house's time zone."""
        return show_day(booking.check_out, booking.property.time_zone)

    @admin.display(ordering="status", description=gettext_lazy("status"))
    def status_badge(self, booking: Booking) -> SafeString:
        """Return the status as a badge."""
        return show_badge(booking.status, booking.get_status_display())

    @admin.display(ordering="external_code", description=gettext_lazy("code"))
    def code(self, booking: Booking) -> str | None:
        """Return the confirmation code, if there is one."""
        return booking.external_code or None

    def get_urls(self) -> list[URLPattern]:
        """Return Django's URLs, preceded by those of the import."""
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name="api_booking_import"),
            path("import/<int:log_id>/", wrap(self.report_view), name="api_booking_import_report"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with a link to the import for those who may import."""
        context = {**(extra_context or {}), "may_import": may_import(request)}
        return super().changelist_view(request, context)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show the import form, and import the uploaded file."""
        return show_import_page(self, request)

    def report_view(self, request: HttpRequest, log_id: int) -> HttpResponse:
        """Show what an import did."""
        return show_report_page(self, request, log_id)
