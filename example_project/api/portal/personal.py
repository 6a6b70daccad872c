"""Shows each person the pages in their own language and time zone."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from api.models import Profile

__all__ = ["PersonalMiddleware"]


class PersonalMiddleware:
    """Activates the language and the time zone of the user of the session.

    Without a language of the user, the browser's applies. Costs a query, or none without a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Process the request with both active, and restore the thread's state."""
        profile = _find_profile(request.user)
        with timezone.override(ZoneInfo(profile.time_zone)):
            if profile.language not in dict(settings.LANGUAGES):
                return self.get_response(request)
            with translation.override(profile.language):
                request.LANGUAGE_CODE = profile.language
                return self.get_response(request)


def _find_profile(user: Any) -> Profile:
    if not user.is_authenticated:
        return Profile()
    found: Profile = getattr(user, "profile", None) or Profile(user=user)
    return found
