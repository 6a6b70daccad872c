"""Rules that create tasks, and schedules, in the admin."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from api.models import AutoTaskTemplate, ScheduleTemplate
from api.services.changes import making_changes
from api.services.locking import lock_rules_of_bookings
from django_modernize.autotasks.admin import AutoTaskAdminMixin, RecurringTaskAdminMixin

from .base import HouseAdmin
from .workers import WorkersAdminMixin

__all__ = ["AutoTaskTemplateAdmin", "ScheduleTemplateAdmin"]


@admin.register(AutoTaskTemplate)
class AutoTaskTemplateAdmin(WorkersAdminMixin, AutoTaskAdminMixin, HouseAdmin):
    """The rules about bookings."""

    locks_rules = True
    actions = ["export_selected", "restore_selected"]
    autocomplete_fields = ["assignee", "assignees"]
    fieldsets = [
        (None, {"fields": ["name", ("is_active", "order"), "subject_key"]}),
        (gettext_lazy("When"), {"fields": ["trigger", "watched_fields", "conditions"]}),
        (
            gettext_lazy("The task"),
            {
                "fields": [
                    "title",
                    "description",
                    "task_type",
                    "checklist",
                    ("assignee", "assignees"),
                ]
            },
        ),
        (gettext_lazy("Due"), {"fields": [("offset", "offset_unit", "anchor"), "local_time"]}),
        (
            gettext_lazy("Within what time"),
            {"fields": [("days_earlier", "days_later"), ("not_before", "not_after")]},
        ),
        (
            gettext_lazy("Limits"),
            {
                "fields": [
                    ("valid_from", "valid_until"),
                    "horizon_days",
                    ("skip_past", "runs_after_commit"),
                    "change_policy",
                ]
            },
        ),
    ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Import rules, as one business action."""
        with making_changes():
            lock_rules_of_bookings()
            return super().import_view(request)


@admin.register(ScheduleTemplate)
class ScheduleTemplateAdmin(WorkersAdminMixin, RecurringTaskAdminMixin, HouseAdmin):
    """Recurring tasks."""

    list_display = ["name", "property", "is_active", "rule", "next_day", "time_of_day"]
    list_select_related = ["property"]
    list_filter = ["is_active", "task_type"]
    search_fields = ["name", "title", "property__name"]
    autocomplete_fields = ["property", "assignee"]
    fieldsets = [
        (None, {"fields": [("name", "is_active"), "property"]}),
        (
            gettext_lazy("When"),
            {
                "fields": [
                    ("frequency", "interval"),
                    "weekdays",
                    "day_of_month",
                    ("first_day", "last_day"),
                    ("time_of_day", "time_zone"),
                    "exceptions",
                    "rule",
                    "horizon_days",
                ]
            },
        ),
        (
            gettext_lazy("The task"),
            {"fields": ["title", "description", "task_type", "checklist", "assignee"]},
        ),
    ]
