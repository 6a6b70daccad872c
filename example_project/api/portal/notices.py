"""The notifications of a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from api.models import Notification
from api.services.notification import (
    count_unread,
    describe_notice,
    list_notices,
    mark_all_read,
    mark_read,
)

from .pages import PortalRequest, portal_page, read_page

__all__ = ["open_notice", "read_all", "show_notices"]


@portal_page()
def show_notices(request: PortalRequest) -> HttpResponse:
    """List the person's notifications, newest first. Costs three statements."""
    only_unread = request.GET.get("show") == "unread"
    page = read_page(request, list_notices(actor=request.user, only_unread=only_unread))
    context: dict[str, Any] = {
        "page": page,
        "notices": [(notice, describe_notice(notice)) for notice in page.object_list],
        "only_unread": only_unread,
        "unread_count": count_unread(actor=request.user),
    }
    return render(request, "portal/notices/list.html", context)


@portal_page()
@require_POST
def open_notice(request: PortalRequest, notice_id: int) -> HttpResponse:
    """Mark a notification as read, and redirect to its subject."""
    mark_read(actor=request.user, keys=[notice_id])
    notice = Notification.objects.filter(recipient=request.user, pk=notice_id).first()
    if notice is not None and notice.task_id:
        return redirect("portal:task", notice.task_id)
    if notice is not None and notice.property_id:
        return redirect("portal:house", notice.property_id)
    return redirect("portal:notices")


@portal_page()
@require_POST
def read_all(request: PortalRequest) -> HttpResponse:
    """Mark everything as read."""
    count = mark_all_read(actor=request.user)
    words = ngettext("%(count)s notice is read.", "%(count)s notices are read.", count)
    messages.success(request, words % {"count": count})
    return redirect("portal:notices")
