"""The way into the admin."""

from django.contrib.admin.forms import AdminAuthenticationForm

from api.services.accounts import SignInFormMixin

__all__ = ["AdminSignInForm"]


class AdminSignInForm(SignInFormMixin, AdminAuthenticationForm):
    """Name and password of somebody of the staff, which cannot be tried in numbers."""
