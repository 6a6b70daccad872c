"""Speaks to somebody who made no request: in the own language, by the own clock."""

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
    """Return the language of a person; the project's where it is none that there is."""
    is_known = profile.language in dict(settings.LANGUAGES)
    return profile.language if is_known else settings.LANGUAGE_CODE
