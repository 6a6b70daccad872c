"""Imports: upload a file, review the plan, decide, apply and undo."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from api.models import (
    BookingImportLabel,
    BookingImportLog,
    BookingImportPlan,
    BookingImportPlanRow,
    BookingImportTemplate,
    Property,
)
from api.models.import_plan import LabelDecision, PlanStatus
from api.models.imports import RowOutcome
from api.services.import_plan import (
    apply_plan,
    approve_label,
    approve_labels,
    create_plan,
    decide_row,
    discard_plan,
    map_label,
    preview_undo,
    resume_plan,
    undo_import,
    with_open_conflicts,
)
from api.services.permission import list_visible

from .import_forms import LabelForm, RowForm, UploadForm
from .pages import PortalRequest, portal_page, read_page

__all__ = [
    "apply_import",
    "approve_all",
    "decide_label",
    "decide_one_row",
    "discard_import",
    "list_imports",
    "resume_import",
    "show_plan",
    "show_progress",
    "undo_one_import",
]

IMPORT: Final = "api.import_bookings"
ROWS_PER_PAGE: Final = 50
GOOD: Final = (RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED)
"""What applying a plan has something to do for."""


@portal_page(IMPORT)
def list_imports(request: PortalRequest) -> HttpResponse:
    """Show the imports, newest first, and accept a file."""
    templates = list_visible(request.access, BookingImportTemplate)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*given, templates=templates)
    if form.is_valid():
        try:
            plan = create_plan(
                form.cleaned_data["file"],
                actor=request.user,
                template=form.cleaned_data["template"],
                sheet=form.cleaned_data["sheet"],
            )
        except ValidationError as error:
            form.add_error("file", error.messages)
        else:
            return redirect("portal:import_plan", plan.pk)
    plans = with_open_conflicts(BookingImportPlan.objects.select_related("created_by", "log"))
    context = {"form": form, "page": read_page(request, plans)}
    return render(request, "portal/imports/list.html", context)


@portal_page(IMPORT)
@require_safe
def show_plan(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Show what will happen to each row."""
    plans = BookingImportPlan.objects.select_related("log", "template", "created_by")
    plan = get_object_or_404(plans, pk=plan_id)
    outcome = request.GET.get("outcome", "")
    rows = plan.rows.select_related("booking", "target", "decided_by")
    counts = _count_outcomes(plan)
    if outcome in RowOutcome.values:
        rows = rows.filter(outcome=outcome)
    context = {
        "plan": plan,
        "counts": counts,
        "outcome": outcome,
        "page": read_page(request, rows, size=ROWS_PER_PAGE),
        "labels": plan.labels.select_related("property", "suggestion"),
        "houses": list(list_visible(request.access, Property)),
        "is_open": plan.status == PlanStatus.PLANNED,
        "may_approve": request.access.may("api.approve_property"),
        "may_undo": request.access.may("api.undo_import"),
        "unresolved": counts[RowOutcome.CONFLICT][1] + counts[RowOutcome.REFUSED][1],
        "has_good_rows": any(counts[one][1] for one in GOOD),
        "made": _list_made(plan.log),
    }
    return render(request, "portal/imports/plan.html", context)


def _count_outcomes(plan: BookingImportPlan) -> dict[str, tuple[str, int]]:
    rows = plan.rows.order_by().values_list("outcome").annotate(count=Count("pk"))
    found = dict(rows)
    return {one.value: (str(one.label), found.get(one.value, 0)) for one in RowOutcome}


def _list_made(log: BookingImportLog | None) -> list[str]:
    """Return what an import created besides bookings."""
    if log is None:
        return []
    houses, tasks = log.property_count, log.task_count
    return [
        *(
            [ngettext("%(count)s house", "%(count)s houses", houses) % {"count": houses}]
            * (houses > 0)
        ),
        *([ngettext("%(count)s task", "%(count)s tasks", tasks) % {"count": tasks}] * (tasks > 0)),
    ]


def _go_on(request: PortalRequest, plan_id: int, place: str) -> HttpResponse:
    """Return to the place in the plan where the decision was made."""
    kept = {name: request.POST[name] for name in ("outcome", "page") if request.POST.get(name)}
    address = reverse("portal:import_plan", args=[plan_id])
    return redirect(f"{address}{'?' if kept else ''}{urlencode(kept)}#{place}")


@portal_page(IMPORT)
@require_safe
def show_progress(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Show the worker's progress; when it is done, the page is reloaded."""
    plan = get_object_or_404(BookingImportPlan, pk=plan_id)
    answer = render(request, "portal/imports/progress.html", {"plan": plan})
    if not plan.is_working:
        answer["HX-Refresh"] = "true"
    return answer


@portal_page(IMPORT)
@require_POST
def decide_label(request: PortalRequest, label_id: int) -> HttpResponse:
    """Map a label to a house, or create a house with its name."""
    label = get_object_or_404(BookingImportLabel.objects.select_related("plan"), pk=label_id)
    form = LabelForm(request.POST, houses=list_visible(request.access, Property))
    with _Telling(request):
        if not form.is_valid():
            raise ValidationError(_("Choose a house."))
        house = form.cleaned_data["property"]
        if house is None:
            approve_label(label, actor=request.user)
        else:
            map_label(label, house, actor=request.user)
    return _go_on(request, label.plan_id, "labels")


@portal_page(IMPORT)
@require_POST
def approve_all(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Create a house for each undecided label."""
    plan = get_object_or_404(BookingImportPlan, pk=plan_id)
    with _Telling(request):
        waiting = list(plan.labels.filter(decision=LabelDecision.OPEN))
        approve_labels(plan, waiting, actor=request.user)
    return redirect("portal:import_plan", plan_id)


@portal_page(IMPORT)
@require_POST
def decide_one_row(request: PortalRequest, row_id: int) -> HttpResponse:
    """Decide what happens to a row."""
    row = get_object_or_404(BookingImportPlanRow, pk=row_id)
    form = RowForm(request.POST, row=row, houses=list_visible(request.access, Property))
    with _Telling(request):
        if not form.is_valid():
            raise ValidationError(_("This decision is not possible."))
        decided = decide_row(
            row,
            form.cleaned_data["action"],
            fields=form.cleaned_data["fields_taken"],
            target=form.cleaned_data["target"],
            actor=request.user,
        )
        if form.cleaned_data["action"] and decided.outcome == RowOutcome.CONFLICT:
            messages.warning(request, decided.reason)
        else:
            # If only conflicts are shown, the decided row is no longer on the page.
            words = {"row": row.row_number, "outcome": decided.get_outcome_display()}
            messages.success(request, _("Row %(row)s: %(outcome)s.") % words)
    return _go_on(request, row.plan_id, f"row-{row.pk}")


@portal_page(IMPORT)
@require_POST
def apply_import(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Apply a plan as it was shown."""
    plan = get_object_or_404(BookingImportPlan, pk=plan_id)
    with _Telling(request):
        whole = request.POST.get("is_all_or_nothing") == "1"
        done = apply_plan(plan, actor=request.user, is_all_or_nothing=whole)
        if done.status == PlanStatus.APPLIED:
            messages.success(request, _("“%s” is imported.") % plan.file_name)
    return redirect("portal:import_plan", plan_id)


@portal_page(IMPORT)
@require_POST
def resume_import(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Continue an import whose worker has stopped."""
    plan = get_object_or_404(BookingImportPlan, pk=plan_id)
    with _Telling(request):
        resume_plan(plan, actor=request.user)
    return redirect("portal:import_plan", plan_id)


@portal_page(IMPORT)
def discard_import(request: PortalRequest, plan_id: int) -> HttpResponse:
    """Ask for confirmation, then discard a plan, with its file and all decisions."""
    plan = get_object_or_404(BookingImportPlan, pk=plan_id)
    if request.method != "POST":
        return render(request, "portal/imports/discard.html", {"plan": plan})
    with _Telling(request):
        discard_plan(plan, actor=request.user)
        messages.success(
            request, _("“%s” is discarded; nothing of it was imported.") % plan.file_name
        )
    return redirect("portal:imports")


@portal_page("api.undo_import")
def undo_one_import(request: PortalRequest, log_id: int) -> HttpResponse:
    """Show what undoing an import would do, and do it."""
    log = get_object_or_404(BookingImportLog.objects.select_related("plan"), pk=log_id)
    if request.method == "POST":
        with _Telling(request):
            plan = undo_import(log, actor=request.user)
            messages.success(request, _("“%s” is undone.") % log.file_name)
            for kept in plan.kept[:ROWS_PER_PAGE]:
                messages.warning(request, f"{kept.title}: {kept.reason}")
        return redirect("portal:imports")
    context: dict[str, Any] = {"log": log}
    with _Telling(request):
        context["undo"] = preview_undo(log, actor=request.user)
    return render(request, "portal/imports/undo.html", context)


class _Telling:
    """Shows a service's refusal as a message on the next page."""

    def __init__(self, request: PortalRequest) -> None:
        self.request = request

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        """Turn a refusal into a message; propagate other errors."""
        if not isinstance(error, ValidationError):
            return False
        for message in error.messages:
            messages.error(self.request, message)
        return True
