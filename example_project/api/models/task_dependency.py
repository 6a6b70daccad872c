"""Dependencies between tasks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import NoCycle, UniqueAlive
from django_modernize.models import SoftDeleteMixin

__all__ = ["TaskDependency"]


@track
class TaskDependency(SoftDeleteMixin):
    """A task that can be completed only after another one; circles are refused."""

    task = models.ForeignKey("api.Task", models.CASCADE, related_name="dependencies")
    needed = models.ForeignKey("api.Task", models.CASCADE, related_name="needed_by")

    class Meta:
        verbose_name_plural = "task dependencies"
        constraints = [
            UniqueAlive("task", "needed", name="task_dependency_unique"),
            NoCycle(
                "task",
                "needed",
                condition=Q(deleted_at__isnull=True),
                name="task_dependency_no_cycle",
                violation_error_message=_("The tasks would wait for one another: %(path)s."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("task %(task)s after %(needed)s") % {
            "task": self.task_id,
            "needed": self.needed_id,
        }
