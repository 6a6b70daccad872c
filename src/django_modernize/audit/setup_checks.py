"""System checks for settings that the audit trail requires."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

from .tracking import get_tracked

__all__ = ["check_setup"]

APPLICATION: Final = "django_modernize.audit"

MIDDLEWARE: Final = "django_modernize.middleware.ChangeContextMiddleware"

SIGNS_IN: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"


def check_setup(**kwargs: Any) -> list[CheckMessage]:
    """Check for the application and middleware that tracked models need (E213, W214).

    Args:
        **kwargs: The other arguments that Django passes to every check.
    """
    tracked = sorted(one.model.__name__ for one in get_tracked())
    if not tracked:
        return []
    if not apps.is_installed(APPLICATION):
        return [
            Error(
                f"{', '.join(tracked[:3])}{', …' if tracked[3:] else ''}: tracked, but no changes "
                "are recorded, because the audit application is not installed.",
                hint=f'Add "{APPLICATION}" to INSTALLED_APPS, and run: python manage.py migrate',
                id="modernize.E213",
            )
        ]
    return list(_check_middleware())


def _check_middleware() -> Iterator[CheckMessage]:
    wanted: type = import_string(MIDDLEWARE)
    found = [import_string(path) for path in settings.MIDDLEWARE]
    if SIGNS_IN in settings.MIDDLEWARE and not any(
        isinstance(one, type) and issubclass(one, wanted) for one in found
    ):
        yield CheckWarning(
            "No middleware tells the audit trail who makes a request: its events have no actor.",
            hint=f'Add "{MIDDLEWARE}" to MIDDLEWARE; or, if your own middleware opens a '
            'change_context(), silence this: SILENCED_SYSTEM_CHECKS = ["modernize.W214"].',
            id="modernize.W214",
        )
