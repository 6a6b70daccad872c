"""What has to be done in the houses, and the photos of it."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import NoCycle, SameParent, UniqueAlive
from django_modernize.models import SoftDeleteMixin
from django_modernize.softdelete.managers import SoftDeleteManager
from django_modernize.uploads import SecureImageField

from .base import HouseModel
from .booking import Booking
from .flows import Flow, FlowModel, FlowQuerySet
from .photos import MAX_STORED_BYTES, PHOTOS
from .property import Property
from .task_writes import (
    LOCKABLE_FIELDS,
    TaskQuerySet,
    is_by_person,
    merge_locks,
    stamp_status,
)

__all__ = [
    "ImageStatus",
    "ImageType",
    "Task",
    "TaskDependency",
    "TaskImage",
    "TaskStatus",
    "TaskType",
    "TaskWork",
]


class TaskType(models.TextChoices):
    """Which department does it."""

    ADMINISTRATION = "administration", _("administration")
    CLEANING = "cleaning", _("cleaning")
    MAINTENANCE = "maintenance", _("maintenance")
    LAUNDRY = "laundry", _("laundry")
    LAWN_POOL = "lawn_pool", _("lawn and pool")
    INSPECTION = "inspection", _("inspection")
    PREPARATION = "preparation", _("preparation")
    OTHER = "other", _("other")


class TaskStatus(models.TextChoices):
    """How far it has come."""

    PENDING = "pending", _("pending")
    WAITING_DEPENDENCY = "waiting_dependency", _("waiting for another task")
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


@track
class Task(FlowModel, HouseModel):
    """One piece of work in one house.

    A task is completed only when it lacks nothing (``api.models.completion``), and what a person
    changes is locked for automation, on each of ``save()``, ``update()`` and ``bulk_update()``.
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
            # The gate refuses it while anything is open.
            TaskStatus.COMPLETED,
        },
        TaskStatus.IN_PROGRESS: {
            TaskStatus.PENDING,
            TaskStatus.COMPLETED,
            TaskStatus.CANCELLED,
        },
        # Work that was done was not in vain: it is taken up again before it can be cancelled.
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
        help_text="What a person has set; automation leaves it.",
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
            # A booking that moves to another house takes its tasks along.
            SameParent(
                "booking",
                "property",
                follows=True,
                name="task_in_property_of_booking",
                violation_error_code="other_property",
                violation_error_message="The booking is in another house.",
            )
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
        """Save, with the times of a new status and the locks of what a person changed.

        Raises:
            ValidationError: The status may not follow the stored one, or the task is to be
                completed and lacks something.

        Costs two more queries where the task is completed.
        """
        names = kwargs.get("update_fields")
        added: set[str] = set()
        if self.writes_field("status", names):
            self.judge_status()
            self.stamp_change()
            added |= {"started_at", "completed_at"}
        if is_by_person() and not self._state.adding:
            self.lock_changes(LOCKABLE_FIELDS if names is None else names)
            added.add("locked_fields")
        if names is not None:
            kwargs["update_fields"] = {*names, *added} if names else names
        super().save(*args, **kwargs)

    def judge_status(self) -> None:
        """Refuse a status that may not follow the stored one, and a completion too early."""
        super().judge_status()
        if self.status == TaskStatus.COMPLETED and self.writes_field("status", None):
            # It stands on the checklists, which stand on the tasks.
            from .completion import refuse_incomplete

            refuse_incomplete([self.pk])

    def stamp_change(self) -> None:
        """Set the times that go with the status."""
        for name, value in stamp_status(self.status, self.started_at, timezone.now()).items():
            setattr(self, name, value)

    def lock_changes(self, names: Iterable[str]) -> None:
        """Lock those of some fields that have changed since the task was read."""
        changed = {name for name in names if name in LOCKABLE_FIELDS and self.has_new_value(name)}
        if changed:
            self.locked_fields = merge_locks(self.locked_fields, changed)

    def has_new_value(self, name: str) -> bool:
        """Tell whether a field has another value than the stored one."""
        return self.get_field_diff(name) is not None


@track
class TaskDependency(SoftDeleteMixin):
    """That a task can only be completed after another; in no circle."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="dependencies")
    needed = models.ForeignKey(Task, models.CASCADE, related_name="needed_by")

    class Meta:
        verbose_name_plural = "task dependencies"
        constraints = [
            UniqueAlive("task", "needed", name="task_dependency_unique"),
            NoCycle(
                "task",
                "needed",
                condition=Q(deleted_at__isnull=True),
                name="task_dependency_no_cycle",
                violation_error_message="The tasks would wait for one another: %(path)s.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} after {self.needed_id}"


class TaskWork(SoftDeleteMixin):
    """A span of time that somebody worked on a task, as the timer of the portal takes it."""

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
        return f"{self.user} on {self.task}"


class ImageType(models.TextChoices):
    """What a photo shows."""

    BEFORE = "before", _("before")
    AFTER = "after", _("after")
    DURING = "during", _("during")
    REFERENCE = "reference", _("reference")
    DAMAGE = "damage", _("damage")
    GENERAL = "general", _("general")
    CHECKLIST = "checklist", _("checklist")


class ImageStatus(models.TextChoices):
    """What a manager thinks of a photo."""

    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    ARCHIVED = "archived", _("archived")


@track
class TaskImage(FlowModel, HouseModel):
    """A photo of a task, judged and encoded anew on its way in."""

    status_flow: ClassVar[Flow] = {
        ImageStatus.PENDING: {ImageStatus.APPROVED, ImageStatus.REJECTED},
        ImageStatus.APPROVED: {ImageStatus.ARCHIVED, ImageStatus.REJECTED},
        ImageStatus.REJECTED: set(ImageStatus),
        ImageStatus.ARCHIVED: set(ImageStatus),
    }

    task = models.ForeignKey(Task, models.CASCADE, related_name="images")
    response = models.ForeignKey(
        "api.ChecklistResponse",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="photos",
        help_text="The answer of a checklist that it belongs to.",
    )
    image = SecureImageField(
        upload_to="tasks",
        policy=PHOTOS,
        name_field="original_name",
        size_field="size",
        width_field="width",
        height_field="height",
        thumbnails=[320, 960],
    )
    image_type = models.CharField(
        "type", max_length=20, choices=ImageType.choices, default=ImageType.GENERAL
    )
    status = models.CharField(
        max_length=20, choices=ImageStatus.choices, default=ImageStatus.PENDING
    )
    sequence = models.PositiveSmallIntegerField(default=0)
    is_primary = models.BooleanField("primary", default=False)
    description = models.CharField(max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    review_note = models.CharField(max_length=300, blank=True)
    original_name = models.CharField(max_length=255, blank=True, editable=False)
    size = models.PositiveIntegerField(default=0, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar = SoftDeleteManager.from_queryset(FlowQuerySet)()

    class Meta:
        ordering = ["sequence", "pk"]
        constraints = [
            UniqueAlive(
                "task", "image_type", condition=Q(is_primary=True), name="task_image_one_primary"
            ),
            models.CheckConstraint(
                condition=Q(size__lte=MAX_STORED_BYTES), name="task_image_not_too_large"
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="task_image_to_review")]
        permissions = [("approve_taskimage", "Can approve and reject photos")]

    def __str__(self) -> str:
        return f"photo of {self.task}"
