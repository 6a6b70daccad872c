"""Base classes of AriStay's admin pages."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from api.services.changes import making_changes
from api.services.days import name_day_and_year
from api.services.locking import lock_before_deletion, lock_rules_of_bookings
from django_modernize.audit.admin import AuditedAdminMixin
from django_modernize.integrity.admin import ConstraintAdminMixin
from django_modernize.softdelete.admin import SoftDeleteAdminMixin

from .matrix import MatrixAdminMixin
from .once import OnceAdminMixin
from .seen_values import SeenValuesAdminMixin

__all__ = ["STAMP_FIELDS", "HouseAdmin", "show_badge", "show_day"]

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

STAMP_FIELDS = (
    "created_at",
    "created_by",
    "created_via",
    "modified_at",
    "modified_by",
    "modified_via",
)


class HouseAdmin(
    MatrixAdminMixin,
    OnceAdminMixin,
    SeenValuesAdminMixin,
    AuditedAdminMixin,
    SoftDeleteAdminMixin,
    ConstraintAdminMixin,
    ModelAdmin,
):
    """Lists without a query per row, folded stamps, and changes that trigger the rules."""

    list_per_page = 50
    locks_rules: ClassVar[bool] = False
    """Whether changes write bookings, and so run the rules: these are locked before the rows."""

    readonly_fields: ClassVar[list[str] | tuple[str, ...]] = STAMP_FIELDS

    class Media:
        css = {"all": ["api/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs; each POST request is one business action."""
        urls = super().get_urls()
        for url in urls:
            url.callback = _make_changes(url.callback, self.locks_rules)
        return urls

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a row."""
        lock_before_deletion(self.model, [obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Delete the selected rows."""
        lock_before_deletion(self.model, queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)

    def _restore(self, request: HttpRequest, rows: Any) -> None:
        lock_before_deletion(self.model, rows.values_list("pk", flat=True))
        super()._restore(request, rows)

    def get_fieldsets(self, request: Any, obj: Model | None = None) -> Any:
        """Return the declared fields, followed by the stamps if the row is stored."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.fieldsets is None:
            named = [name for name in self.get_fields(request, obj) if name not in STAMP_FIELDS]
            fieldsets = [(None, {"fields": named})]
        if obj is None:
            return fieldsets
        stamps = (gettext_lazy("Stamps"), {"fields": STAMP_FIELDS, "classes": ["collapse"]})
        return [*fieldsets, stamps]


def _make_changes(
    view: Callable[..., HttpResponse], locks_rules: bool
) -> Callable[..., HttpResponse]:
    @wraps(view)
    def run_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with making_changes():
            if locks_rules:
                lock_rules_of_bookings()
            return view(request, *args, **kwargs)

    return run_view


def show_day(instant: datetime, zone: str) -> str:
    """Return the day of an instant in a house's time zone."""
    return name_day_and_year(instant.astimezone(ZoneInfo(zone)).date())


def show_badge(value: str, label: str) -> SafeString:
    """Return a label colored by its value; see ``admin.css``."""
    return format_html('<span class="badge badge-{}">{}</span>', value, label)
