"""People: who there is, what they may do, and who is invited."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from api.models import PermissionOverride, PropertyOwnership, User
from api.models.auth import Role
from api.permission_names import name_permission
from api.services.accounts import deactivate_person, reactivate_person
from api.services.permission import (
    DELEGATABLE,
    Access,
    get_access,
    grant_override,
    list_visible,
    set_role,
    withdraw_override,
)

from .pages import PortalRequest, portal_page, read_page

__all__ = ["change_role", "grant", "show_people", "show_person", "switch_active", "withdraw"]


class RoleForm(forms.Form):
    """A new role, of a lower rank than one's own."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            choice for choice in Role.choices if access.outranks(choice[0])
        ]


class OverrideForm(forms.Form):
    """A permission to grant or deny."""

    permission = forms.ChoiceField(label=_("Permission"))
    is_granted = forms.TypedChoiceField(
        label=_("The person"),
        # Without a context, “may” would also translate the month, in every date of every page.
        choices=[
            ("1", pgettext_lazy("a person", "may")),
            ("0", pgettext_lazy("a person", "may not")),
        ],
        coerce=lambda value: value == "1",
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = sorted(filter(access.may_delegate, DELEGATABLE[access.role]))
        self.fields["permission"].choices = [  # type: ignore[attr-defined]
            (one, name_permission(one)) for one in own
        ]

    def read_values(self) -> dict[str, Any]:
        """Return the values for the service; the day counts to its end, in the user's time zone."""
        given = dict(self.cleaned_data)
        day = given.pop("until")
        end = datetime.combine(day + timedelta(days=1), time.min) if day else None
        return {**given, "expires_at": timezone.make_aware(end) if end else None}

    def show_refusal(self, refusal: ValidationError) -> None:
        """Show the service's errors beside the fields that they concern."""
        for name, errors in refusal.update_error_dict({}).items():
            place = "until" if name == "expires_at" else name
            self.add_error(place if place in self.fields else None, errors)


@portal_page("api.view_user")
def show_people(request: PortalRequest) -> HttpResponse:
    """List the people. Costs two statements besides the frame's."""
    people = list_visible(request.access, User).select_related("profile")
    words = request.GET.get("q", "").strip()
    if words:
        people = people.filter(
            Q(username__icontains=words)
            | Q(first_name__icontains=words)
            | Q(last_name__icontains=words)
        )
    context = {
        "page": read_page(request, people.order_by("-is_active", "username")),
        "words": words,
        "may_invite": request.access.may("api.view_invitecode"),
    }
    return render(request, "portal/people/list.html", context)


@portal_page("api.view_user")
def show_person(request: PortalRequest, user_id: int) -> HttpResponse:
    """Show a person, with permissions beyond the role. Costs six statements."""
    return _show(request, _find_person(request, user_id))


@portal_page("api.change_profile")
@require_POST
def change_role(request: PortalRequest, user_id: int) -> HttpResponse:
    """Give a person another role."""
    person = _find_person(request, user_id)
    form = RoleForm(request.POST, access=request.access)
    if not form.is_valid():
        return _show(request, person, role_form=form)
    set_role(actor=request.user, user=person, role=form.cleaned_data["role"])
    messages.success(request, gettext("The role is changed."))
    return redirect("portal:person", person.pk)


@portal_page("api.change_user")
@require_POST
def switch_active(request: PortalRequest, user_id: int) -> HttpResponse:
    """Deactivate or reactivate a person."""
    person = _find_person(request, user_id)
    act = deactivate_person if person.is_active else reactivate_person
    act(actor=request.user, user=person)
    messages.success(request, gettext("It is done."))
    return redirect("portal:person", person.pk)


@portal_page("api.view_permissionoverride")
@require_POST
def grant(request: PortalRequest, user_id: int) -> HttpResponse:
    """Grant or deny one permission."""
    person = _find_person(request, user_id)
    form = OverrideForm(request.POST, access=request.access)
    if form.is_valid():
        try:
            grant_override(actor=request.user, user=person, **form.read_values())
        except ValidationError as error:
            form.show_refusal(error)
        else:
            messages.success(request, gettext("It is done."))
            return redirect("portal:person", person.pk)
    return _show(request, person, override_form=form)


@portal_page("api.view_permissionoverride")
@require_POST
def withdraw(request: PortalRequest, override_id: int) -> HttpResponse:
    """Remove an override, so that the role applies again."""
    people = list_visible(request.access, User)
    rows = PermissionOverride.objects.filter(user__in=people).select_related("user")
    override = get_object_or_404(rows, pk=override_id)
    withdraw_override(actor=request.user, override=override)
    messages.success(request, gettext("The role counts again."))
    return redirect("portal:person", override.user_id)


def _find_person(request: PortalRequest, user_id: int) -> User:
    rows = list_visible(request.access, User).select_related("profile")
    person: User = get_object_or_404(rows, pk=user_id)
    return person


def _show(request: PortalRequest, person: User, **forms_shown: Any) -> HttpResponse:
    access = get_access(User(pk=person.pk, is_superuser=person.is_superuser))
    is_below = person.pk != request.user.pk and request.access.outranks(access.role)
    context = {
        "person": person,
        "role": Role(access.role),
        "is_below": is_below,
        "overrides": _describe_overrides(person, request.access, is_below=is_below),
        "houses": PropertyOwnership.objects.filter(user=person).select_related("property"),
        "may_read_history": request.access.may("api.view_history"),
        **_offer_forms(request, access, is_below=is_below),
        **forms_shown,
    }
    return render(request, "portal/people/person.html", context)


def _offer_forms(request: PortalRequest, access: Access, *, is_below: bool) -> dict[str, Any]:
    offered: dict[str, Any] = {}
    if is_below and request.access.may("api.change_profile"):
        offered["role_form"] = RoleForm(access=request.access, initial={"role": access.role})
    if is_below and DELEGATABLE[request.access.role]:
        offered["override_form"] = OverrideForm(access=request.access)
    return offered


def _describe_overrides(person: User, access: Access, *, is_below: bool) -> list[dict[str, Any]]:
    overrides = PermissionOverride.objects.filter(user=person)
    return [
        {
            "override": one,
            "name": name_permission(one.permission),
            "last_day": one.expires_at and _find_last_day(one.expires_at),
            "is_over": one.expires_at is not None and one.expires_at <= timezone.now(),
            "may_withdraw": is_below and access.may_delegate(one.permission),
        }
        for one in overrides
    ]


def _find_last_day(end: datetime) -> date | None:
    """Return the last day before an end of day, in the user's time zone."""
    local = timezone.localtime(end)
    return local.date() - timedelta(days=1) if local.time() == time.min else None
