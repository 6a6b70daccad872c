"""Approval of photos by managers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from api.models import TaskImage
from api.models.task_image import ImageStatus
from api.services.permission import list_visible
from api.services.task_image import list_next_statuses, review_images

from .pages import PortalRequest, portal_page, read_page

__all__ = ["review", "show_photos"]

PER_PAGE = 24


@portal_page("api.approve_taskimage")
def show_photos(request: PortalRequest) -> HttpResponse:
    """Show photos that are pending or reviewed. Costs two statements."""
    status = request.GET.get("status", ImageStatus.PENDING)
    status = status if status in ImageStatus.values else ImageStatus.PENDING
    images = list_visible(request.access, TaskImage).filter(status=status)
    relations = ("task__property", "created_by")
    page = read_page(request, images.select_related(*relations).order_by("-pk"), size=PER_PAGE)
    context: dict[str, Any] = {
        "page": page,
        "photos": [(image, _list_steps(image)) for image in page.object_list],
        "status": status,
        "statuses": ImageStatus.choices,
    }
    return render(request, "portal/photos/list.html", context)


@portal_page("api.approve_taskimage")
@require_POST
def review(request: PortalRequest, image_id: int) -> HttpResponse:
    """Approve, reject or archive a photo."""
    image = get_object_or_404(list_visible(request.access, TaskImage), pk=image_id)
    given = {name: request.POST.get(name, "") for name in ("status", "note")}
    try:
        review_images(actor=request.user, images=[image], **given)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, gettext("The photo is judged."))
    return redirect("portal:photos")


def _list_steps(image: TaskImage) -> list[tuple[str, str]]:
    labels = {
        ImageStatus.APPROVED: gettext("Approve"),
        ImageStatus.REJECTED: gettext("Reject"),
        ImageStatus.ARCHIVED: gettext("Archive"),
        ImageStatus.PENDING: gettext("Judge again"),
    }
    return [(one, labels[ImageStatus(one)]) for one in list_next_statuses(image)]
