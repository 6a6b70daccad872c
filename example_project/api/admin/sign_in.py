"""The way into the admin, and the own password there."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from api.services.accounts import OwnPasswordFormMixin, SignInFormMixin

__all__ = ["AdminSignInForm", "change_own_password"]


class AdminSignInForm(SignInFormMixin, AdminAuthenticationForm):
    """Name and password of somebody of the staff, which cannot be tried in numbers."""


class AdminOwnPasswordForm(OwnPasswordFormMixin, AdminPasswordChangeForm):
    """The old password, which cannot be tried in numbers, and a new one."""


def change_own_password(request: HttpRequest) -> HttpResponseBase:
    """Change the own password, as the admin's own page does, which takes no other form."""
    view = PasswordChangeView.as_view(
        form_class=AdminOwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)
