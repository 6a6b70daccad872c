"""The supported range of dates, and short formats for days."""

from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import pgettext

__all__ = ["EARLIEST", "LATEST", "name_day", "name_day_and_year"]

EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2200, 1, 1)
"""The days on which somebody may stay or ask about: not so near the ends of Python's calendar that
another clock, or a task some days before, has none."""


def name_day(day: date) -> str:
    """Return a day such as “Nov 3”."""
    # Translators: a format as of Django's date filter.
    return date_format(day, pgettext("format of a day", "M j"))


def name_day_and_year(day: date) -> str:
    """Return a day such as “Nov 3, 2026”."""
    # Translators: a format as of Django's date filter.
    return date_format(day, pgettext("format of a day", "M j, Y"))
