"""Photos of tasks in the admin, for approval."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import TaskImage, User
from api.models.task_image import ImageStatus
from api.services.task_image import review_images

from .base import HouseAdmin, show_badge

__all__ = ["TaskImageAdmin"]


@admin.register(TaskImage)
class TaskImageAdmin(HouseAdmin):
    """Photos; they are uploaded through the portal and the API, and can be approved here too."""

    list_display = ["thumbnail", "task", "image_type", "status_badge", "is_primary", "created_at"]
    list_filter = ["status", "image_type", "created_at"]
    list_select_related = ["task"]
    search_fields = ["task__title", "description", "original_name"]
    readonly_fields = (
        *HouseAdmin.readonly_fields,
        "thumbnail",
        "task",
        "response",
        "status",
        "is_primary",
        "original_name",
        "size",
        "width",
        "height",
        "reviewed_by",
        "reviewed_at",
        "review_note",
    )
    fieldsets = [
        (None, {"fields": ["thumbnail", "task", "response", "description", "sequence"]}),
        (
            gettext_lazy("Judgement"),
            {"fields": ["status", "review_note", "reviewed_by", "reviewed_at"]},
        ),
        (
            gettext_lazy("File"),
            {"fields": ["original_name", "size", ("width", "height"), "is_primary"]},
        ),
    ]
    actions = ["approve_images", "reject_images", "archive_images"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a photo may be added here: never, since the service assigns its position."""
        return False

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may approve photos."""
        return bool(cast("User", request.user).has_perm("api.approve_taskimage"))

    @admin.display(description=gettext_lazy("photo"))
    def thumbnail(self, image: TaskImage) -> SafeString:
        """Return a thumbnail that links to the full picture."""
        address = reverse("task-image", args=[image.pk])
        return format_html(
            '<a href="{0}"><img src="{0}?side=320" alt="{1}" height="80" loading="lazy"></a>',
            address,
            image.get_image_type_display(),
        )

    @admin.display(ordering="status", description=gettext_lazy("status"))
    def status_badge(self, image: TaskImage) -> SafeString:
        """Return the status as a badge."""
        return show_badge(image.status, image.get_status_display())

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve_images(self, request: HttpRequest, queryset: "QuerySet[TaskImage]") -> None:
        """Approve photos."""
        self._review(request, queryset, ImageStatus.APPROVED)

    @admin.action(description=gettext_lazy("Reject"), permissions=["approve"])
    def reject_images(self, request: HttpRequest, queryset: "QuerySet[TaskImage]") -> None:
        """Reject photos."""
        self._review(request, queryset, ImageStatus.REJECTED)

    @admin.action(description=gettext_lazy("Archive"), permissions=["approve"])
    def archive_images(self, request: HttpRequest, queryset: "QuerySet[TaskImage]") -> None:
        """Archive photos."""
        self._review(request, queryset, ImageStatus.ARCHIVED)

    def _review(self, request: HttpRequest, queryset: "QuerySet[Any]", status: ImageStatus) -> None:
        try:
            rows = review_images(
                actor=cast("User", request.user), images=list(queryset), status=status
            )
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except PermissionDenied as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            words = {"count": len(rows), "status": status.label}
            self.message_user(request, _("%(count)d photos are “%(status)s” now.") % words)
