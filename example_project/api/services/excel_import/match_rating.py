"""How likely a row and a booking are the same stay. Pure."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Final

from .rows import BookingRow
from .stays import Stay
from .words import name_key, repair_encoding

__all__ = ["find_encoding_changes", "rate_match"]

NAME_WEIGHT: Final = 50
DATES_WEIGHT: Final = 50
CODE_FLOOR: Final = 90
"""A platform's code is no coincidence, whatever else differs."""

TEXTS: Final = ("guest_name", "listing_name")
"""What may come in a broken encoding."""


def rate_match(row: BookingRow, stay: Stay) -> int:
    """Return how sure it is that a row speaks of a stay, from 0 to 100.

    Half of it is the guest's name, half the share of the nights that both have; the same code alone
    makes it nearly sure.
    """
    names = SequenceMatcher(None, name_key(row.guest_name), name_key(stay.guest_name)).ratio()
    rated = round(NAME_WEIGHT * names + DATES_WEIGHT * _share_of_nights(row, stay))
    if row.code and row.code == stay.code:
        return CODE_FLOOR + rated * (100 - CODE_FLOOR) // 100
    return rated


def find_encoding_changes(row: BookingRow, stay: Stay) -> Mapping[str, tuple[str, str]]:
    """Return the texts that differ by a broken encoding alone, with the stay's and the file's."""
    pairs = {name: (str(getattr(stay, name)), str(getattr(row, name))) for name in TEXTS}
    return {
        name: (old, new)
        for name, (old, new) in pairs.items()
        if old != new and new and repair_encoding(old) == repair_encoding(new)
    }


def _share_of_nights(row: BookingRow, stay: Stay) -> float:
    first, last = max(row.start_date, stay.start_date), min(row.end_date, stay.end_date)
    widest = max(row.end_date, stay.end_date) - min(row.start_date, stay.start_date)
    return max(0, (last - first).days) / widest.days
