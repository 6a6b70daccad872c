"""Lost and found in the admin."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from api.models import LostFoundItem, LostFoundPhoto, User
from api.models.inventory import LostFoundStatus
from api.services.lost_found import set_status

from .base import HouseAdmin, show_badge

__all__ = ["LostFoundItemAdmin"]

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class LostFoundPhotoInline(TabularInline):
    """The photos of an item."""

    model = LostFoundPhoto
    fields = ["image", "size", "width", "height"]
    readonly_fields = ["size", "width", "height"]
    extra = 0


@admin.register(LostFoundItem)
class LostFoundItemAdmin(HouseAdmin):
    """Items that guests left behind. Outcomes are actions; claims are recorded in the portal."""

    list_display = ["title", "property", "found_on", "status_badge", "storage_place", "claimed_by"]
    list_filter = ["status", "found_on", ("property", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["property"]
    search_fields = ["title", "description", "property__name", "claimed_by"]
    date_hierarchy = "found_on"
    autocomplete_fields = ["property", "booking", "task", "found_by"]
    readonly_fields = (
        *HouseAdmin.readonly_fields,
        "status",
        "claimed_by",
        "claimed_on",
        "disposed_on",
        "disposal_note",
    )
    inlines = [LostFoundPhotoInline]
    actions = (*HouseAdmin.actions, "mark_disposed", "mark_donated")

    @admin.display(ordering="status", description=_("status"))
    def status_badge(self, item: LostFoundItem) -> SafeString:
        """Return the status as a badge."""
        return show_badge(item.status, item.get_status_display())

    @admin.action(description=_("Mark as disposed of"), permissions=["change"])
    def mark_disposed(self, request: HttpRequest, queryset: Any) -> None:
        """Mark the selected items as disposed of."""
        _settle(request, queryset, LostFoundStatus.DISPOSED)

    @admin.action(description=_("Mark as donated"), permissions=["change"])
    def mark_donated(self, request: HttpRequest, queryset: Any) -> None:
        """Mark the selected items as donated."""
        _settle(request, queryset, LostFoundStatus.DONATED)


def _settle(request: HttpRequest, items: Any, status: str) -> None:
    for item in items:
        try:
            set_status(actor=cast("User", request.user), item=item, status=status)
        except ValidationError as refusal:
            messages.warning(request, " ".join(refusal.messages))
