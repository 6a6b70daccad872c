"""The page for creating or changing a rule, with a preview and a test before saving."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from api.models import AutoTaskTemplate
from api.services.task_template.changing import save_rule

from .pages import PortalRequest, portal_page
from .rule_form import RuleForm
from .rules import find_rule, tell_counts

__all__ = ["draw_conditions", "edit_rule"]


@portal_page("api.add_autotasktemplate", "api.change_autotasktemplate")
def edit_rule(request: PortalRequest, rule_id: int | None = None) -> HttpResponse:
    """Create or change a rule; the preview, the test and the question are above the form.

    Costs five statements besides the frame's to show, plus those of a preview.
    """
    rule = _find_editable(request, rule_id)
    form = RuleForm(request.POST or None, instance=rule, access=request.access)
    if form.is_valid():
        stored = form.save(commit=False)
        people = form.cleaned_data["assignees"]
        try:
            counts = save_rule(actor=request.user, rule=stored, assignees=people)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            tell_counts(request, stored, counts)
            return redirect("portal:rule", stored.pk)
    context: dict[str, Any] = {"form": form, "rule": rule}
    return render(request, "portal/rules/form.html", context)


@portal_page("api.add_autotasktemplate", "api.change_autotasktemplate")
@require_POST
def draw_conditions(request: PortalRequest) -> HttpResponse:
    """Render the rows of a condition while they are filled in. Costs a statement for each key."""
    form = RuleForm(request.POST, access=request.access)
    return HttpResponse(str(form["conditions"]))


def _find_editable(request: PortalRequest, rule_id: int | None) -> AutoTaskTemplate | None:
    action = "add" if rule_id is None else "change"
    if not request.access.may(f"api.{action}_autotasktemplate"):
        raise PermissionDenied
    return None if rule_id is None else find_rule(request, rule_id)
