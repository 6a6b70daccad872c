"""Rules that create tasks, and the record of the tasks that they created."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.autotasks import models as autotasks

from .base import HouseModel
from .checklist import ChecklistTemplate
from .task import Task
from .task_choices import TaskType

__all__ = ["AutoTaskRecord", "AutoTaskTemplate"]


@track(exclude=["failed_at", "error", "turn"])
class AutoTaskTemplate(HouseModel, autotasks.AutoTaskTemplate):
    """A rule: when this happens to a booking and the conditions hold, create a task."""

    task_type = models.CharField(max_length=20, choices=TaskType.choices, default=TaskType.CLEANING)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assignees = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name="people who take turns",
        help_text=_("Each new task goes to the next of them; without any, to the assignee."),
    )
    checklist = models.ForeignKey(
        ChecklistTemplate, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    references = {"assignee": "username", "assignees": "username", "checklist": "name"}

    class Meta(autotasks.AutoTaskTemplate.Meta):
        verbose_name = "task template"


class AutoTaskRecord(autotasks.AutoTaskRecord):
    """The task that a rule created for a booking. Written by code, never by hand."""

    template = models.ForeignKey(AutoTaskTemplate, models.CASCADE, related_name="records")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="auto_task_records")

    class Meta(autotasks.AutoTaskRecord.Meta):
        verbose_name = "record of a task template"
