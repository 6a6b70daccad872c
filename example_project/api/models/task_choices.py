"""What departments there are, and how far a task can have come."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["TaskStatus", "TaskType"]


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
