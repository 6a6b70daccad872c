"""Tasks and their dependencies in the admin."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import Task, TaskDependency, User
from api.models.task_choices import TaskStatus
from api.services.checklist import attach_checklists, with_progress
from api.services.locking import lock_work
from api.services.task import duplicate_task, set_statuses

from .base import HouseAdmin, show_badge
from .workers import WorkersAdminMixin

__all__ = ["TaskAdmin"]

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class DependencyInline(TabularInline):
    """The tasks that have to be done first."""

    model = TaskDependency
    fk_name = "task"
    fields: ClassVar = ["needed"]
    autocomplete_fields: ClassVar = ["needed"]
    extra = 0
    verbose_name = gettext_lazy("task before it")
    verbose_name_plural = gettext_lazy("tasks before it")


@admin.register(Task)
class TaskAdmin(WorkersAdminMixin, HouseAdmin):
    """The tasks."""

    list_display = [
        "title", "task_type", "status_badge", "progress", "property", "booking", "due_date",
        "assigned_to",
    ]  # fmt: skip
    list_filter = ["status", "task_type", "due_date", "assigned_to"]
    list_select_related = ["property", "booking", "assigned_to"]
    search_fields = ["title", "property__name", "booking__guest_name", "booking__external_code"]
    date_hierarchy = "due_date"
    autocomplete_fields = ["property", "booking", "assigned_to"]
    readonly_fields = (
        *HouseAdmin.readonly_fields,
        "locked_fields",
        "made_by",
        "started_at",
        "completed_at",
        "window",
    )
    fieldsets = [
        (None, {"fields": ["title", "description", "task_type", "status"]}),
        (
            gettext_lazy("Where and when"),
            {"fields": ["property", "booking", "due_date", "window", "assigned_to"]},
        ),
        (
            gettext_lazy("Origin"),
            {"fields": ["made_by", "locked_fields", ("started_at", "completed_at")]},
        ),
    ]
    inlines = [DependencyInline]
    actions = ["begin_tasks", "complete_tasks", "cancel_tasks", "reopen_tasks", "duplicate_tasks"]

    @admin.display(description=gettext_lazy("may be done"))
    def window(self, task: Task) -> str:
        """Return the window in which the task may be done."""
        return task.describe_window()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the tasks with the progress of their checklists."""
        return with_progress(super().get_queryset(request))

    def lock_row(self, request: HttpRequest, row: Any) -> None:
        """Lock a task as the services do, with those that are to come before it."""
        named = [str(value) for name, value in request.POST.items() if name.endswith("-needed")]
        lock_work([row.pk, *(int(key) for key in named if key.isascii() and key.isdigit())])

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and give a new task the checklist of its type."""
        super().save_model(request, obj, form, change)
        if not change:
            attach_checklists([obj.pk])

    @admin.display(ordering="status", description=gettext_lazy("status"))
    def status_badge(self, task: Task) -> SafeString:
        """Return the status as a badge."""
        return show_badge(task.status, task.get_status_display())

    @admin.display(description=gettext_lazy("checklist"))
    def progress(self, task: Any) -> str:
        """Return how many items are done, and the total."""
        return f"{task.done_count}/{task.item_count}" if task.item_count else ""

    @admin.action(description=gettext_lazy("Set in progress"), permissions=["change"])
    def begin_tasks(self, request: HttpRequest, queryset: "QuerySet[Task]") -> None:
        """Start tasks."""
        self._set_statuses(request, queryset, TaskStatus.IN_PROGRESS)

    @admin.action(description=gettext_lazy("Complete"), permissions=["change"])
    def complete_tasks(self, request: HttpRequest, queryset: "QuerySet[Task]") -> None:
        """Complete the tasks that miss nothing."""
        self._set_statuses(request, queryset, TaskStatus.COMPLETED)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["change"])
    def cancel_tasks(self, request: HttpRequest, queryset: "QuerySet[Task]") -> None:
        """Cancel tasks."""
        self._set_statuses(request, queryset, TaskStatus.CANCELLED)

    @admin.action(description=gettext_lazy("Set pending again"), permissions=["change"])
    def reopen_tasks(self, request: HttpRequest, queryset: "QuerySet[Task]") -> None:
        """Reopen tasks."""
        self._set_statuses(request, queryset, TaskStatus.PENDING)

    @admin.action(description=gettext_lazy("Duplicate"), permissions=["add"])
    def duplicate_tasks(self, request: HttpRequest, queryset: "QuerySet[Task]") -> None:
        """Duplicate tasks."""
        copies = [duplicate_task(actor=cast("User", request.user), task=task) for task in queryset]
        self.message_user(request, _("%(count)d copies were made.") % {"count": len(copies)})

    def _set_statuses(
        self, request: HttpRequest, queryset: "QuerySet[Task]", status: TaskStatus
    ) -> None:
        """Set statuses, and report which tasks were refused, and why."""
        try:
            outcome = set_statuses(
                actor=cast("User", request.user), tasks=list(queryset), status=status
            )
        except PermissionDenied as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        words = {"count": len(outcome.changed), "status": status.label}
        self.message_user(request, _("%(count)d tasks are “%(status)s” now.") % words)
        for task, reason in outcome.refused.items():
            self.message_user(request, f"{task}: {reason}", messages.WARNING)
