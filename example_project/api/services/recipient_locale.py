"""Addresses somebody who made no request, in their own language and time zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from api.models import Profile

__all__ = ["choose_language", "speaking_to"]


@contextmanager
def speaking_to(profile: Profile) -> Iterator[None]:
    """Activate a person's language and time zone for a block.

    Args:
        profile: The person's; without a language the project's counts.
    """
    zone = timezone.override(ZoneInfo(profile.time_zone))
    with translation.override(choose_language(profile)), zone:
        yield


def choose_language(profile: Profile) -> str:
    """Return the language of a person, or the project's if it is not available."""
    is_known = profile.language in dict(settings.LANGUAGES)
    return profile.language if is_known else settings.LANGUAGE_CODE
