"""Reads query parameters; values that cannot be valid count as absent."""

from datetime import date
from typing import Final

from django.http import HttpRequest
from django.utils.dateparse import parse_date

__all__ = ["read_day", "read_key"]

DAYS: Final = (date(1900, 1, 1), date(2999, 12, 31))
"""Between them a calendar can be counted back and forth."""

KEY_DIGITS: Final = 18
"""So many fit into a key on both databases."""


def read_day(request: HttpRequest, name: str) -> date | None:
    """Return the day of a query parameter, or None if it is not a valid date."""
    try:
        day = parse_date(request.GET.get(name, ""))
    except ValueError:
        # Well-formed but impossible, such as February 31.
        return None
    return day if day and DAYS[0] <= day <= DAYS[1] else None


def read_key(request: HttpRequest, name: str) -> int | None:
    """Return the key of a query parameter, or None if it cannot be one."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else None
