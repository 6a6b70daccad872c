"""Rules that create tasks: what each does and why, and its actions."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from api.models import AutoTaskTemplate, Booking, GeneratedTask, ScheduleTemplate, Task
from api.services.permission import list_visible
from api.services.task_template.changing import list_rules, run_rule, switch_rule
from django_modernize.autotasks import Action, explain
from django_modernize.autotasks.choices import ChoiceNames
from django_modernize.autotasks.describing import (
    describe_reason,
    describe_recurrence,
    describe_timing,
    outline_condition,
    read_reason,
)
from django_modernize.autotasks.explaining import (
    TraceRow,
    trace_coming,
    trace_pair,
    trace_rows,
)
from django_modernize.autotasks.forms import describe_counts, make_preview
from django_modernize.autotasks.previewing import compare_policies

from .pages import PortalRequest, portal_page, read_page
from .query_parameters import read_key

__all__ = ["run_again", "show_origin", "show_rule", "show_rules", "switch", "tell_counts"]

TRACED = 20
RECENT_TASKS = 10


@portal_page("api.view_autotasktemplate")
def show_rules(request: PortalRequest) -> HttpResponse:
    """List the rules. Costs two statements besides the frame's."""
    page = read_page(request, list_rules(actor=request.user))
    context = {
        "page": page,
        "rules": [(rule, describe_timing(rule)) for rule in page],
        "may_add": request.access.may("api.add_autotasktemplate"),
        "may_change": request.access.may("api.change_autotasktemplate"),
    }
    return render(request, "portal/rules/list.html", context)


@portal_page("api.view_autotasktemplate")
def show_rule(request: PortalRequest, rule_id: int) -> HttpResponse:
    """Show a rule in words, its last tasks, and for which bookings it holds and why.

    It shows the next bookings, or with ``?guest=`` those of a guest.

    Costs four statements besides the frame's, one more if the rule compares houses, and two or
    three if a booking is asked about.
    """
    rule = find_rule(request, rule_id)
    guest = request.GET.get("guest", "").strip()
    rows = _trace_guest(request, rule, guest) if guest else trace_coming(rule, limit=TRACED)
    tasks = list_visible(request.access, Task).filter(made_by=rule).select_related("property")
    names = ChoiceNames()
    context = {
        "rule": rule,
        "timing": describe_timing(rule),
        "outline": list(outline_condition(rule.compile_conditions(), names)),
        "guest": guest,
        "rows": [(row, describe_reason(row.reason, names)) for row in rows],
        "tasks": tasks.order_by("-created_at", "-pk")[:RECENT_TASKS],
        "may_change": request.access.may("api.change_autotasktemplate"),
        "may_delete": request.access.may("api.delete_autotasktemplate"),
        "may_read_history": request.access.may("api.view_history"),
        **_trace_chosen(request, rule),
    }
    return render(request, "portal/rules/rule.html", context)


@portal_page("api.change_autotasktemplate")
@require_POST
def switch(request: PortalRequest, rule_id: int) -> HttpResponse:
    """Switch a rule on or off, after asking what should happen to its open tasks."""
    rule = find_rule(request, rule_id)
    is_active = request.POST.get("active") == "1"
    policy = request.POST.get("policy", "")
    if not is_active and not policy:
        rule.is_active = False
        plans = compare_policies(rule)
        if plans:
            question = {one: make_preview(plan) for one, plan in plans.items()}
            context = {"rule": rule, "question": question}
            return render(request, "portal/rules/switch.html", context)
    counts = switch_rule(actor=request.user, rule=rule, is_active=is_active, policy=policy)
    tell_counts(request, rule, counts)
    return redirect("portal:rules")


@portal_page("api.change_autotasktemplate")
@require_POST
def run_again(request: PortalRequest, rule_id: int) -> HttpResponse:
    """Run a rule for all bookings, for example after it has failed."""
    rule = find_rule(request, rule_id)
    tell_counts(request, rule, run_rule(actor=request.user, rule=rule))
    return redirect("portal:rule", rule.pk)


@portal_page("api.view_autotasktemplate", "api.view_scheduletemplate")
def show_origin(request: PortalRequest, task_id: int) -> HttpResponse:
    """Show the origin of a task: the rule, with its decision then and now, or the schedule.

    Costs five statements besides the frame's.
    """
    rows = list_visible(request.access, Task).select_related("property", "booking__property")
    task: Task = get_object_or_404(rows, pk=task_id)
    may_read_rules = request.access.may("api.view_autotasktemplate")
    origin = explain(task) if may_read_rules else None
    context: dict[str, Any] = {"task": task, "origin": origin}
    if origin is None:
        context |= _find_schedule(request, task)
    else:
        rule = origin.template
        context |= {
            "then": describe_reason(read_reason(origin.reason, rule.subject)),
            "now": describe_reason(origin.today),
            "trace": trace_pair(rule, origin.subject_id),
            "timing": describe_timing(rule),
        }
    return render(request, "portal/rules/origin.html", context)


def find_rule(request: PortalRequest, rule_id: int) -> AutoTaskTemplate:
    """Return a rule that the user can see."""
    rule: AutoTaskTemplate = get_object_or_404(list_rules(actor=request.user), pk=rule_id)
    return rule


def tell_counts(
    request: PortalRequest, rule: AutoTaskTemplate, counts: Mapping[Action, int]
) -> None:
    """Show what a rule did, or why it failed."""
    if rule.failed_at is not None:
        words = gettext("“%(rule)s” is saved, and failed: %(error)s")
        messages.error(request, words % {"rule": rule, "error": rule.error})
        return
    words = gettext("“%(rule)s” is saved. Tasks: %(counts)s.")
    messages.success(request, words % {"rule": rule, "counts": describe_counts(counts)})


def _trace_guest(request: PortalRequest, rule: AutoTaskTemplate, guest: str) -> list[TraceRow]:
    stays = list_visible(request.access, Booking).filter(guest_name__icontains=guest)
    return trace_rows(rule, stays.order_by("-check_in", "-pk")[:TRACED])


def _trace_chosen(request: PortalRequest, rule: AutoTaskTemplate) -> dict[str, Any]:
    key = read_key(request, "booking")
    if key is None:
        return {}
    rows = list_visible(request.access, Booking).select_related("property")
    booking = get_object_or_404(rows, pk=key)
    trace = trace_pair(rule, booking.pk)
    return {"chosen": booking, "trace": trace, "sentence": describe_reason(trace.reason)}


def _find_schedule(request: PortalRequest, task: Task) -> dict[str, Any]:
    # A rule that was deleted since still created the task.
    seen = list_visible(request.access, ScheduleTemplate, manager="all_objects")
    made = GeneratedTask.objects.filter(task=task, template__in=seen)
    record = made.select_related("template__property").first()
    if record is None:
        return {}
    schedule = record.template
    return {"record": record, "schedule": schedule, "recurrence": describe_recurrence(schedule)}
