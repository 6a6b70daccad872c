"""What has to be done in the houses."""

from django.conf import settings
from django.db import models

from django_modernize.audit import track
from django_modernize.integrity import SameParent

from .base import HouseModel
from .booking import Booking
from .property import Property

__all__ = ["Task", "TaskStatus", "TaskType"]


class TaskType(models.TextChoices):
    """Which department does it."""

    ADMINISTRATION = "administration", "administration"
    CLEANING = "cleaning", "cleaning"
    MAINTENANCE = "maintenance", "maintenance"
    LAUNDRY = "laundry", "laundry"
    LAWN_POOL = "lawn_pool", "lawn and pool"
    INSPECTION = "inspection", "inspection"
    PREPARATION = "preparation", "preparation"
    OTHER = "other", "other"


class TaskStatus(models.TextChoices):
    """How far it has come."""

    PENDING = "pending", "pending"
    WAITING_DEPENDENCY = "waiting_dependency", "waiting for another task"
    IN_PROGRESS = "in_progress", "in progress"
    COMPLETED = "completed", "completed"
    CANCELLED = "cancelled", "cancelled"


@track
class Task(HouseModel):
    """One piece of work in one house."""

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
        indexes = [models.Index(fields=["status", "due_date"], name="task_status_due")]

    def __str__(self) -> str:
        return self.title
