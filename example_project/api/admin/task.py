"""Tasks in the admin."""

from django.contrib import admin
from django.utils.safestring import SafeString

from api.models import Task

from .base import HouseAdmin, show_badge

__all__ = ["TaskAdmin"]


@admin.register(Task)
class TaskAdmin(HouseAdmin):
    """The tasks."""

    list_display = [
        "title", "task_type", "status_badge", "property", "booking", "due_date", "assigned_to",
    ]  # fmt: skip
    list_filter = ["status", "task_type", "due_date", "assigned_to"]
    list_select_related = ["property", "booking", "assigned_to"]
    search_fields = ["title", "property__name", "booking__guest_name", "booking__external_code"]
    date_hierarchy = "due_date"
    autocomplete_fields = ["property", "booking", "assigned_to"]

    @admin.display(ordering="status", description="status")
    def status_badge(self, task: Task) -> SafeString:
        """Return the status in its colour."""
        return show_badge(task.status, task.get_status_display())
