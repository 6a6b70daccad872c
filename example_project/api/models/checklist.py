"""Checklists: what to check for a task, and what was found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive

from .base import HouseModel
from .task_choices import TaskType

__all__ = [
    "ChecklistItem",
    "ChecklistResponse",
    "ChecklistTemplate",
    "ItemType",
    "TaskChecklist",
]


@track
class ChecklistTemplate(HouseModel):
    """The list of things to check for one type of task."""

    name = models.CharField(max_length=100)
    task_type = models.CharField(max_length=20, choices=TaskType.choices, default=TaskType.CLEANING)
    description = models.TextField(blank=True)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ["name"]
        constraints = [UniqueAlive("name", name="checklist_template_unique")]

    def __str__(self) -> str:
        return self.name


class ItemType(models.TextChoices):
    """The kind of answer that an item expects."""

    CHECK = "check", _("check")
    PHOTO_REQUIRED = "photo_required", _("photo, required")
    PHOTO_OPTIONAL = "photo_optional", _("photo, optional")
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    BLOCKING = "blocking", _("blocking: nothing is completed before it")


@track
class ChecklistItem(HouseModel):
    """One thing to check."""

    template = models.ForeignKey(ChecklistTemplate, models.CASCADE, related_name="items")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    item_type = models.CharField(
        "type", max_length=20, choices=ItemType.choices, default=ItemType.CHECK
    )
    is_required = models.BooleanField("required", default=True)
    order = models.PositiveSmallIntegerField(default=0)
    room = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title


@track
class TaskChecklist(HouseModel):
    """The one checklist of a task."""

    task = models.ForeignKey("api.Task", models.CASCADE, related_name="checklists")
    template = models.ForeignKey(ChecklistTemplate, models.PROTECT, related_name="task_checklists")

    class Meta:
        ordering = ["pk"]
        constraints = [UniqueAlive("task", name="task_checklist_unique")]

    def __str__(self) -> str:
        return gettext("%(checklist)s for %(task)s") % {
            "checklist": self.template,
            "task": self.task,
        }


@track
class ChecklistResponse(HouseModel):
    """The answer to one item."""

    checklist = models.ForeignKey(TaskChecklist, models.CASCADE, related_name="responses")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="responses")
    is_done = models.BooleanField("done", default=False)
    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    note = models.TextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    done_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["item__order", "item_id"]
        constraints = [UniqueAlive("checklist", "item", name="checklist_response_unique")]

    def __str__(self) -> str:
        text = gettext("%s: done") if self.is_done else gettext("%s: open")
        return text % self.item
