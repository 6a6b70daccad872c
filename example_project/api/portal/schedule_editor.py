"""The page for creating or changing a schedule, with a preview of its next days."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from api.models import ScheduleTemplate
from api.services.permission import may_change_object
from api.services.task_template.schedules import change_schedule, create_schedule
from django_modernize.autotasks import Action

from .forms import show_refusal
from .pages import PortalRequest, portal_page
from .query_parameters import read_key
from .schedule_form import ScheduleForm
from .schedules import find_schedule, tell_counts

__all__ = ["edit_schedule"]


@portal_page("api.add_scheduletemplate", "api.change_scheduletemplate")
def edit_schedule(request: PortalRequest, schedule_id: int | None = None) -> HttpResponse:
    """Create or change a schedule; previews and questions are above the form.

    Costs four statements besides the frame's to show, and two or three more to ask.
    """
    schedule = _find_editable(request, schedule_id)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None,
        instance=schedule,
        access=request.access,
        initial={"property": read_key(request, "house")} if schedule is None else None,
    )
    if form.is_valid() and (stored := _save(request, form, schedule)):
        return redirect("portal:schedule", stored.pk)
    context: dict[str, Any] = {"form": form, "schedule": schedule}
    return render(request, "portal/schedules/form.html", context)


def _save(
    request: PortalRequest, form: ScheduleForm, schedule: ScheduleTemplate | None
) -> ScheduleTemplate | None:
    values = form.read_values()
    counts: Mapping[Action, int] = {}
    try:
        if schedule is None:
            schedule = create_schedule(actor=request.user, values=values)
        else:
            counts = change_schedule(
                actor=request.user, schedule=schedule, values=values, policy=form.policy
            )
    except ValidationError as refusal:
        show_refusal(form, refusal)
        return None
    words = gettext("“%(schedule)s” is saved. Its tasks are made each night.")
    tell_counts(request, words % {"schedule": values["name"]}, counts)
    return schedule


def _find_editable(request: PortalRequest, schedule_id: int | None) -> ScheduleTemplate | None:
    if schedule_id is None:
        if not request.access.may("api.add_scheduletemplate"):
            raise PermissionDenied
        return None
    schedule = find_schedule(request, schedule_id)
    if not may_change_object(request.access, "api.change_scheduletemplate", schedule):
        raise PermissionDenied
    return schedule
