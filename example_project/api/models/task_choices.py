"""The types and statuses of tasks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["TaskStatus", "TaskType"]


class TaskType(models.TextChoices):
    """The department that does the task."""

    ADMINISTRATION = "administration", _("administration")
    CLEANING = "cleaning", _("cleaning")
    MAINTENANCE = "maintenance", _("maintenance")
    LAUNDRY = "laundry", _("laundry")
    LAWN_POOL = "lawn_pool", _("lawn and pool")
    INSPECTION = "inspection", _("inspection")
    PREPARATION = "preparation", _("preparation")
    OTHER = "other", _("other")


class TaskStatus(models.TextChoices):
    """The state of a task."""

    PENDING = "pending", _("pending")
    WAITING_DEPENDENCY = "waiting_dependency", _("waiting for another task")
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
