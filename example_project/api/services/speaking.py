"""Speaks to somebody who made no request: in the own language, by the own clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from api.models import Profile

__all__ = ["speaking_to"]


@contextmanager
def speaking_to(profile: Profile) -> Iterator[None]:
    """Activate a person's language and time zone for a block.

    Args:
        profile: The person's; without a language the project's counts.
    """
    known = dict(settings.LANGUAGES)
    language = profile.language if profile.language in known else settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(ZoneInfo(profile.time_zone)):
        yield
