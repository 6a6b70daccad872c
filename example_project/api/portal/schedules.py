"""Schedules of recurring work: when it is due next, and switching it on and off."""

from collections.abc import Mapping
from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from api.models import Property, ScheduleTemplate, Task
from api.services.permission import list_visible, may_change_object
from api.services.task_template.schedules import (
    find_next_day,
    list_occurrences,
    list_schedules,
    switch_schedule,
)
from django_modernize.autotasks import Action
from django_modernize.autotasks.describing import describe_recurrence
from django_modernize.autotasks.forms import Preview, ask_about_planned_tasks, describe_counts
from django_modernize.autotasks.models import ChangePolicy

from .pages import PortalRequest, portal_page, read_page
from .query_parameters import read_key

__all__ = ["find_schedule", "show_schedule", "show_schedules", "switch", "tell_counts"]

RECENT_TASKS = 10


@portal_page("api.view_scheduletemplate")
def show_schedules(request: PortalRequest) -> HttpResponse:
    """List the schedules, or those of one house. Costs three statements besides the frame's."""
    schedules = list_schedules(actor=request.user)
    key = read_key(request, "house")
    page = read_page(request, schedules.filter(property=key) if key else schedules)
    context = {
        "page": page,
        "schedules": [(one, describe_recurrence(one), find_next_day(one)) for one in page],
        "houses": list_visible(request.access, Property).only("pk", "name"),
        "house": request.GET.get("house", ""),
        "may_add": request.access.may("api.add_scheduletemplate"),
        "may_change": request.access.may("api.change_scheduletemplate"),
    }
    return render(request, "portal/schedules/list.html", context)


@portal_page("api.view_scheduletemplate")
def show_schedule(request: PortalRequest, schedule_id: int) -> HttpResponse:
    """Show a schedule with its next days and its last tasks.

    Costs four statements besides the frame's.
    """
    schedule = find_schedule(request, schedule_id)
    tasks = list_visible(request.access, Task)
    past = tasks.filter(generated_records__template=schedule, due_date__lt=timezone.now())
    context = {
        "schedule": schedule,
        "recurrence": describe_recurrence(schedule),
        "occurrences": list_occurrences(schedule, tasks),
        "tasks": past.order_by("-due_date", "-pk")[:RECENT_TASKS],
        "may_change": may_change_object(request.access, "api.change_scheduletemplate", schedule),
        "may_delete": request.access.may("api.delete_scheduletemplate"),
        "may_read_history": request.access.may("api.view_history"),
    }
    return render(request, "portal/schedules/schedule.html", context)


@portal_page("api.change_scheduletemplate")
@require_POST
def switch(request: PortalRequest, schedule_id: int) -> HttpResponse:
    """Switch a schedule on or off, after asking what should happen to its planned tasks."""
    schedule = find_schedule(request, schedule_id)
    is_active = request.POST.get("active") == "1"
    policy = request.POST.get("policy", "")
    if policy not in ChangePolicy.values:
        question = _ask_about_switch(schedule, is_active)
        if question:
            context = {"schedule": schedule, "question": question, "is_active": is_active}
            return render(request, "portal/schedules/switch.html", context)
        policy = ChangePolicy.UPDATE
    counts = switch_schedule(
        actor=request.user, schedule=schedule, is_active=is_active, policy=policy
    )
    words = (
        gettext("“%(schedule)s” is on. Its tasks are made each night.")
        if is_active
        else gettext("“%(schedule)s” is off.")
    )
    tell_counts(request, words % {"schedule": schedule}, counts)
    return redirect("portal:schedule", schedule.pk)


def tell_counts(request: PortalRequest, words: str, counts: Mapping[Action, int]) -> None:
    """Show what was done with a schedule, and how that affected its planned tasks."""
    if counts:
        told = gettext("Planned tasks: %(counts)s.") % {"counts": describe_counts(counts)}
        words = f"{words} {told}"
    messages.success(request, words)


def find_schedule(request: PortalRequest, schedule_id: int) -> ScheduleTemplate:
    """Return a schedule that the user can see."""
    rows = list_schedules(actor=request.user).select_related("property", "assignee", "checklist")
    schedule: ScheduleTemplate = get_object_or_404(rows, pk=schedule_id)
    return schedule


def _ask_about_switch(schedule: ScheduleTemplate, is_active: bool) -> dict[str, Preview] | None:
    draft = copy(schedule)
    draft.is_active = is_active
    return ask_about_planned_tasks(schedule, draft)
