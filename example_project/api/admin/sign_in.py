"""Login and password change in the admin."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from api.services.accounts import OwnPasswordFormMixin, SignInFormMixin

__all__ = ["AdminSignInForm", "change_own_password"]


class AdminSignInForm(SignInFormMixin, AdminAuthenticationForm):
    """Name and password of a staff member, with limited attempts."""


class AdminOwnPasswordForm(OwnPasswordFormMixin, AdminPasswordChangeForm):
    """The old password, with limited attempts, and a new one."""


def change_own_password(request: HttpRequest) -> HttpResponseBase:
    """Change one's own password, like the admin's view, which accepts no other form."""
    view = PasswordChangeView.as_view(
        form_class=AdminOwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)
