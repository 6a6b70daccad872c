"""Reads what an address asks for after its question mark; what cannot be is not asked for."""

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
    """Return the day that an address asks for, or None where that is no day of a calendar."""
    try:
        day = parse_date(request.GET.get(name, ""))
    except ValueError:
        # Well written, as the 31st of February is.
        return None
    return day if day and DAYS[0] <= day <= DAYS[1] else None


def read_key(request: HttpRequest, name: str) -> int | None:
    """Return the key of a row that an address asks for, or None where that can be none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else None
