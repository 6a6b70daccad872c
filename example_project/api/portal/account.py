"""Login and logout, password reset, and one's own profile."""

from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import Profile, User
from api.models.base import list_time_zones
from api.services.accounts import (
    OwnPasswordFormMixin,
    PasswordRequestForm,
    SignInFormMixin,
    TooManyAttempts,
    note_new_password,
    spend_attempt,
)
from api.services.changes import making_changes
from django_modernize.context import change_context

from .pages import PortalRequest, portal_page

__all__ = [
    "ForgottenPasswordView",
    "NewPasswordView",
    "PasswordView",
    "SignInView",
    "edit_profile",
    "show_mail_sent",
]

if TYPE_CHECKING:
    ProfileModelForm = forms.ModelForm[Profile]
else:
    ProfileModelForm = forms.ModelForm


class SignInForm(SignInFormMixin, AuthenticationForm):
    """Name and password, with limited attempts."""

    error_messages = {
        **AuthenticationForm.error_messages,
        # Django's German message does not say that anything is wrong.
        "invalid_login": _("The user name and password do not match. Check upper and lower case."),
    }


class SignInView(auth_views.LoginView):
    """Log in; redirect users who are logged in already."""

    template_name = "portal/account/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the errors; after too many failures, with status 429."""
        return _tell_programs(super().form_invalid(form), form)


class ForgottenPasswordView(auth_views.PasswordResetView):
    """Request a link to set a new password; the response does not reveal who has an account."""

    template_name = "portal/account/form.html"
    form_class = PasswordRequestForm
    success_url = reverse_lazy("portal:mail_sent")
    extra_context = {
        "title": _("Forgotten password"),
        "lead": _("Tell us your e-mail address, and we send you a link."),
        "button": _("Send the link"),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the link, unless there were too many requests."""
        try:
            spend_attempt(self.request, form.cleaned_data["email"])
        except TooManyAttempts as refusal:
            form.add_error(None, refusal)
            return _tell_programs(self.form_invalid(form), form)
        return super().form_valid(form)


class NewPasswordView(auth_views.PasswordResetConfirmView):
    """Set a new password, using the link from the mail."""

    template_name = "portal/account/new_password.html"
    success_url = reverse_lazy("portal:sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password, and confirm it on the login page."""
        messages.success(self.request, gettext("Your new password is set. Sign in with it."))
        # Without a user from the link, there is no form to submit.
        user = cast("User", self.user)
        with making_changes(), change_context(actor=user):
            note_new_password(user)
            return super().form_valid(form)


class OwnPasswordForm(OwnPasswordFormMixin, PasswordChangeForm):
    """The old password, with limited attempts, and a new one."""


class PasswordView(auth_views.PasswordChangeView):
    """Change one's own password while logged in."""

    template_name = "portal/account/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("portal:profile")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the errors; after too many failures, with status 429."""
        return _tell_programs(super().form_invalid(form), form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password, and confirm it."""
        messages.success(self.request, gettext("Your new password is set."))
        return super().form_valid(form)


def _tell_programs(response: HttpResponse, form: forms.Form) -> HttpResponse:
    """Set the status of the response if the form reports too many attempts."""
    for error in chain.from_iterable(form.errors.as_data().values()):
        if isinstance(error, TooManyAttempts):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response["Retry-After"] = str(error.wait)
    return response


def show_mail_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, if the account exists."""
    return render(request, "portal/account/mail_sent.html")


class ProfileForm(ProfileModelForm):
    """What everybody may change about themselves."""

    class Meta:
        model = Profile
        fields = ["language", "time_zone", "phone", "address", "email_notices", "digest_opt_out"]
        labels = {
            "language": _("Language"),
            "time_zone": _("Time zone"),
            "phone": _("Phone"),
            "address": _("Address"),
            "email_notices": _("Tell me by e-mail at once"),
            "digest_opt_out": _("Send me no daily digest"),
        }
        help_texts = {"language": "", "time_zone": _("Times are shown by this clock.")}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("As my browser asks")), *settings.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(
            choices=choices, required=False, label=_("Language")
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[(name, name.replace("_", " ")) for name in sorted(list_time_zones())],
            label=_("Time zone"),
            help_text=_("Times are shown by this clock."),
        )


@portal_page()
def edit_profile(request: PortalRequest) -> HttpResponse:
    """Show and change one's own profile."""
    profile = getattr(request.user, "profile", None) or Profile(user=request.user)
    form = ProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        with making_changes():
            form.save()
        with translation.override(profile.language or translation.get_language()):
            messages.success(request, gettext("Your profile is saved."))
        return redirect("portal:profile")
    return render(request, "portal/account/profile.html", {"form": form})
