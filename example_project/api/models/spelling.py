"""How ``__str__()`` formats days, in the reader's language."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

__all__ = ["spell_day", "spell_moment"]


def spell_day(day: date) -> str:
    """Return a day such as “2026-12-18”."""
    # Translators: a format as of Django's date filter.
    return date_format(day, pgettext("format of a day", "Y-m-d"))


def spell_moment(moment: datetime) -> str:
    """Return an instant such as “2026-12-18 16:05”, in the reader's time zone."""
    # Translators: a format as of Django's date filter.
    return date_format(timezone.localtime(moment), pgettext("format of a day", "Y-m-d H:i"))
