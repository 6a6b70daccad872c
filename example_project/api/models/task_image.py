"""Photos of tasks, and their approval."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive
from django_modernize.softdelete.managers import SoftDeleteManager
from django_modernize.uploads import SecureImageField

from .base import HouseModel
from .flows import Flow, FlowModel, FlowQuerySet
from .photos import MAX_STORED_BYTES, PHOTOS

__all__ = ["ImageStatus", "ImageType", "TaskImage"]


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
    """The manager's verdict on a photo."""

    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    ARCHIVED = "archived", _("archived")


@track
class TaskImage(FlowModel, HouseModel):
    """A photo of a task, checked and re-encoded on upload."""

    status_flow: ClassVar[Flow] = {
        ImageStatus.PENDING: {ImageStatus.APPROVED, ImageStatus.REJECTED},
        ImageStatus.APPROVED: {ImageStatus.ARCHIVED, ImageStatus.REJECTED},
        ImageStatus.REJECTED: set(ImageStatus),
        ImageStatus.ARCHIVED: set(ImageStatus),
    }

    task = models.ForeignKey("api.Task", models.CASCADE, related_name="images")
    response = models.ForeignKey(
        "api.ChecklistResponse",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="photos",
        help_text=_("The answer of a checklist that it belongs to."),
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
        return gettext("photo of %s") % self.task
