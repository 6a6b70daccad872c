"""System check for the application that installs the triggers of the others."""

from typing import Any, Final

from django.apps import apps
from django.core.checks import CheckMessage, Error

__all__ = ["BASE", "check_base"]

BASE: Final = "django_modernize"

NEEDS_BASE: Final = ("django_modernize.audit", "django_modernize.softdelete")


def check_base(**kwargs: Any) -> list[CheckMessage]:
    """Check that the application that installs the triggers is installed (modernize.E004).

    Args:
        **kwargs: The other arguments that Django passes to every check.
    """
    if apps.is_installed(BASE):
        return []
    return [
        Error(
            f'"{name}" is in INSTALLED_APPS and "{BASE}" is not: nobody makes triggers, so that '
            "nothing is recorded or guarded.",
            hint=f'Add "{BASE}" to INSTALLED_APPS, and run: python manage.py migrate',
            id="modernize.E004",
        )
        for name in NEEDS_BASE
        if apps.is_installed(name)
    ]
