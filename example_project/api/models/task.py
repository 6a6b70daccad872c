"""Tasks in the houses, and the time spent on them."""

from collections.abc import Iterable
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_modernize.audit import track
from django_modernize.integrity import SameParent, UniqueAlive
from django_modernize.models import SoftDeleteMixin
from django_modernize.softdelete.managers import SoftDeleteManager

from .base import HouseModel
from .booking import Booking
from .completion import refuse_incomplete
from .flows import Flow, FlowModel
from .property import Property
from .task_choices import TaskStatus, TaskType
from .task_writes import (
    LOCKABLE_FIELDS,
    TaskQuerySet,
    is_by_person,
    merge_locks,
    stamp_status,
)

__all__ = ["Task", "TaskWork"]


@track
class Task(FlowModel, HouseModel):
    """One piece of work in one house.

    A task can be completed only if nothing is missing (``api.models.completion``). Fields that a
    person changes are locked for automation, in ``save()``, ``update()`` and ``bulk_update()``.
    """

    status_flow: ClassVar[Flow] = {
        TaskStatus.PENDING: {
            TaskStatus.WAITING_DEPENDENCY,
            TaskStatus.IN_PROGRESS,
            TaskStatus.COMPLETED,
            TaskStatus.CANCELLED,
        },
        TaskStatus.WAITING_DEPENDENCY: {
            TaskStatus.PENDING,
            TaskStatus.IN_PROGRESS,
            TaskStatus.CANCELLED,
            # Refused while anything is missing.
            TaskStatus.COMPLETED,
        },
        TaskStatus.IN_PROGRESS: {
            TaskStatus.PENDING,
            TaskStatus.COMPLETED,
            TaskStatus.CANCELLED,
        },
        # A completed task has to be reopened before it can be cancelled.
        TaskStatus.COMPLETED: {TaskStatus.PENDING, TaskStatus.IN_PROGRESS},
        TaskStatus.CANCELLED: {TaskStatus.PENDING},
    }

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    task_type = models.CharField(
        "type", max_length=20, choices=TaskType.choices, default=TaskType.OTHER
    )
    status = models.CharField(max_length=20, choices=TaskStatus.choices, default=TaskStatus.PENDING)
    property = models.ForeignKey(Property, models.CASCADE, related_name="tasks")
    booking = models.ForeignKey(
        Booking, models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    due_date = models.DateTimeField("due", null=True, blank=True)
    earliest_at = models.DateTimeField(
        "not before",
        null=True,
        blank=True,
        editable=False,
        help_text=gettext_lazy("Where its rule says within what time it may be done."),
    )
    latest_at = models.DateTimeField("not after", null=True, blank=True, editable=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tasks",
    )
    depends_on = models.ManyToManyField(
        "self",
        through="TaskDependency",
        through_fields=("task", "needed"),
        symmetrical=False,
        blank=True,
        related_name="dependents",
    )
    muted_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="muted_tasks"
    )
    locked_fields = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text=gettext_lazy("What a person has set; automation leaves it."),
    )
    made_by = models.ForeignKey(
        "api.AutoTaskTemplate",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="tasks",
        verbose_name="made by the template",
    )
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = SoftDeleteManager.from_queryset(TaskQuerySet)()

    class Meta:
        ordering = ["due_date", "pk"]
        constraints = [
            # If a booking moves to another house, its tasks move with it.
            SameParent(
                "booking",
                "property",
                follows=True,
                name="task_in_property_of_booking",
                violation_error_code="other_property",
                violation_error_message=gettext_lazy("The booking is in another house."),
            ),
            models.CheckConstraint(
                condition=Q(earliest_at__isnull=True, latest_at__isnull=True)
                | Q(earliest_at__lte=F("latest_at")),
                name="task_window_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_date"], name="task_status_due"),
            models.Index(fields=["assigned_to", "status", "due_date"], name="task_of_person"),
        ]
        permissions = [
            ("assign_task", "Can assign tasks"),
            ("view_all_tasks", "Can see the tasks of every team"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the timestamps of a new status, and lock the fields that a person changed.

        Raises:
            StateRefused: The status may not follow the stored one, or the task would be
                completed while something is missing.
            ValidationError: The task would be due outside its window.

        Costs two more queries if the task is completed.
        """
        names = kwargs.get("update_fields")
        added: set[str] = set()
        if self.writes_field("status", names):
            self.judge_status()
            self.stamp_change()
            added |= {"started_at", "completed_at"}
        if self.writes_field("due_date", names):
            self.judge_due_date()
        if is_by_person() and not self._state.adding:
            self.lock_changes(LOCKABLE_FIELDS if names is None else names)
            added.add("locked_fields")
        if names is not None:
            kwargs["update_fields"] = {*names, *added} if names else names
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Validate the status and the due date.

        Raises:
            StateRefused: The status may not follow the stored one.
            ValidationError: The task would be due outside its window.
        """
        super().clean()
        if self.writes_field("due_date", None):
            self.judge_due_date()

    def is_out_of_window(self) -> bool:
        """Return whether the task is due outside its window; no query."""
        if self.due_date is None or self.earliest_at is None or self.latest_at is None:
            return False
        return not self.earliest_at <= self.due_date <= self.latest_at

    def describe_window(self) -> str:
        """Return the window in words, in the house's time zone; empty without a window.

        Costs a query if the house is not loaded.
        """
        if self.earliest_at is None or self.latest_at is None:
            return ""
        zone = ZoneInfo(self.property.time_zone)
        ends = (one.astimezone(zone) for one in (self.earliest_at, self.latest_at))
        first, last = (date_format(one, "SHORT_DATETIME_FORMAT") for one in ends)
        return _("%(first)s to %(last)s") % {"first": first, "last": last}

    def judge_due_date(self) -> None:
        """Refuse a new due date outside the window that the task's rule defines."""
        if self.is_out_of_window():
            message = _("It may be done from %(window)s.")
            words = {"window": self.describe_window()}
            raise ValidationError({"due_date": ValidationError(message, "window", words)})

    def judge_status(self) -> None:
        """Refuse a status that may not follow the stored one, and a premature completion."""
        super().judge_status()
        if self.status == TaskStatus.COMPLETED and self.writes_field("status", None):
            refuse_incomplete([self.pk])

    def stamp_change(self) -> None:
        """Set the timestamps that belong to the status."""
        for name, value in stamp_status(self.status, self.started_at, timezone.now()).items():
            setattr(self, name, value)

    def lock_changes(self, names: Iterable[str]) -> None:
        """Lock those of the given fields that have changed since the task was read."""
        changed = {name for name in names if name in LOCKABLE_FIELDS and self.has_new_value(name)}
        if changed:
            self.locked_fields = merge_locks(self.locked_fields, changed)

    def has_new_value(self, name: str) -> bool:
        """Return whether a field differs from its stored value."""
        return self.get_field_diff(name) is not None


class TaskWork(SoftDeleteMixin):
    """A period that somebody worked on a task, as recorded by the timer of the portal."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="work")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="work")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            UniqueAlive("user", condition=Q(ended_at__isnull=True), name="work_one_timer_a_person"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="work_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="work_started_at")]

    def __str__(self) -> str:
        return _("%(user)s on “%(task)s”") % {"user": self.user, "task": self.task}
