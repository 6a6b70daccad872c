"""Days as they are written where there is little room, in the reader's language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext

__all__ = ["name_day", "name_day_and_year"]


def name_day(day: date) -> str:
    """Return a day as “Nov 3”."""
    # Translators: a format as of Django's date filter.
    return date_format(day, pgettext("format of a day", "M j"))


def name_day_and_year(day: date) -> str:
    """Return a day as “Nov 3, 2026”."""
    # Translators: a format as of Django's date filter.
    return date_format(day, pgettext("format of a day", "M j, Y"))
