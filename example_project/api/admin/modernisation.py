"""What the migration from the legacy system did to rows, read-only, for review by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from api.models import ModernisationRecord

from .base import ModelAdmin

__all__ = ["ModernisationRecordAdmin"]


@admin.register(ModernisationRecord)
class ModernisationRecordAdmin(ModelAdmin):
    """Rows that were changed, set aside or created, with their values and the reason."""

    list_display = ["phase", "model", "object_id", "action", "reason"]
    list_filter = ["phase", "model", "action"]
    search_fields = ["reason", "object_id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a record may be added by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a record may be changed: never, since undoing the migration relies on it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a record may be deleted: never."""
        return False
