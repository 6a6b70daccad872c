"""Invites: creating and accepting them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from api.models import InviteCode
from api.models.auth import Role, TaskGroup
from api.once import name_sending
from api.services.accounts import accept_invite, create_invite, limiting_attempts, withdraw_invite
from api.services.accounts.invites import may_invite
from api.services.permission import list_visible

from .pages import PortalRequest, portal_page, read_page

__all__ = ["accept", "show_invites", "withdraw"]


class InviteForm(forms.Form):
    """Who is invited."""

    role = forms.ChoiceField(label=_("Role"))
    task_group = forms.ChoiceField(label=_("Team"), choices=TaskGroup.choices, initial="none")
    note = forms.CharField(label=_("For whom"), max_length=200, required=False)
    max_uses = forms.IntegerField(label=_("How many may come"), min_value=1, initial=1)
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=90, initial=7)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            choice for choice in Role.choices if may_invite(actor, choice[0])
        ]

    def read_values(self) -> dict[str, Any]:
        """Return the values for the service."""
        given = dict(self.cleaned_data)
        given["expires_at"] = timezone.now() + timedelta(days=given.pop("days"))
        return given


class AcceptForm(forms.Form):
    """The account of the person who accepts."""

    code = forms.CharField(label=_("Code of the invite"), max_length=100)
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput({"autocomplete": "username"})
    )
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@portal_page("api.view_invitecode")
def show_invites(request: PortalRequest) -> HttpResponse:
    """List the invites, and create one; its code is shown once. Costs two statements.

    A form that is sent twice shows the code again, since the code is stored nowhere.
    """
    form = InviteForm(request.POST or None, actor=request.user)
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            _invite, code = create_invite(
                actor=request.user, sending=name_sending(request), **form.read_values()
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            address = f"{reverse('portal:accept_invite')}?code={code}"
            link = request.build_absolute_uri(address)
            form = InviteForm(actor=request.user)
    invites = list_visible(request.access, InviteCode).select_related("created_by")
    context = {
        "page": read_page(request, invites),
        "form": form if request.access.may("api.add_invitecode") else None,
        "link": link,
        "now": timezone.now(),
        "may_change": request.access.may("api.change_invitecode"),
    }
    return render(request, "portal/people/invites.html", context)


@portal_page("api.change_invitecode")
@require_POST
def withdraw(request: PortalRequest, invite_id: int) -> HttpResponse:
    """Let an invite expire now."""
    invite = get_object_or_404(list_visible(request.access, InviteCode), pk=invite_id)
    withdraw_invite(actor=request.user, invite=invite)
    messages.success(request, gettext("The invite is withdrawn."))
    return redirect("portal:invites")


@sensitive_post_parameters("password", "code")
def accept(request: HttpRequest) -> HttpResponse:
    """Create an account from an invite, and log in."""
    form = AcceptForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        try:
            with limiting_attempts(request, form.cleaned_data["username"]):
                user = accept_invite(**form.cleaned_data)
        except ValidationError as error:
            _show_error(form, error)
        else:
            login(request, user)
            return redirect("portal:home")
    context = {
        "form": form,
        "title": _("Welcome to AriStay"),
        "lead": _("You were invited. Choose a name and a password."),
        "button": _("Make my account"),
    }
    return render(request, "portal/account/form.html", context)


def _show_error(form: forms.Form, error: ValidationError) -> None:
    found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, errors in found.items():
        form.add_error(name if name in form.fields else None, errors)
