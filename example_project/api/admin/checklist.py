"""Checklists in the admin: templates with their items, and the answers for each task."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from api.models import ChecklistItem, ChecklistResponse, ChecklistTemplate, TaskChecklist

from .base import HouseAdmin

__all__ = ["ChecklistTemplateAdmin", "TaskChecklistAdmin"]

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ItemInline(TabularInline):
    """The items of a list."""

    model = ChecklistItem
    fields: ClassVar = ["order", "title", "item_type", "is_required", "room", "description"]
    extra = 0


class ResponseInline(TabularInline):
    """The answers, read-only; the portal records them, with the right field for each type."""

    model = ChecklistResponse
    fields: ClassVar = ("item", "is_done", "text", "number", "note", "done_by", "done_at")
    readonly_fields: ClassVar[tuple[str, ...]] = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether an answer may be added here: never."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the answers with the related rows that they show."""
        return super().get_queryset(request).select_related("item", "done_by")


@admin.register(ChecklistTemplate)
class ChecklistTemplateAdmin(HouseAdmin):
    """Checklist templates; each new task gets the newest active one of its type."""

    list_display = ["name", "task_type", "is_active", "modified_at"]
    list_filter = ["task_type", "is_active"]
    search_fields = ["name", "items__title"]
    inlines = [ItemInline]


@admin.register(TaskChecklist)
class TaskChecklistAdmin(HouseAdmin):
    """The checklists of tasks, with their answers."""

    list_display = ["task", "template", "created_at"]
    list_filter = ["template"]
    list_select_related = ["task", "template"]
    search_fields = ["task__title", "template__name"]
    autocomplete_fields = ["task", "template"]
    inlines = [ResponseInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that are read-only here: a checklist stays with its task."""
        fixed = () if obj is None else ("task", "template")
        return (*super().get_readonly_fields(request, obj), *fixed)
