"""The differences between a row and a stay. Pure: an empty cell never differs."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.models.import_plan import MatchKind

from .houses import House
from .rows import BookingRow
from .stays import Stay
from .words import label_key, name_key

__all__ = ["find_changes", "find_match_kind", "make_stay"]

NAMELESS: Final = "Guest"
"""Who stays where neither guest nor platform is told."""

COMPARED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "start_date": lambda value: value,
    "end_date": lambda value: value,
    "guest_name": name_key,
    "guest_contact": label_key,
    "listing_name": name_key,
    "source": label_key,
    "earnings": lambda value: value,
    "booked_on": lambda value: value,
    "adults": lambda value: value,
    "children": lambda value: value,
    "infants": lambda value: value,
}
"""The fields of a row and of a stay that are compared, and what counts in each."""


def make_stay(row: BookingRow, house: House) -> Stay:
    """Return the stay that a row would make in a house."""
    return Stay(
        house=house,
        check_in=house.check_in_at(row.start_date),
        check_out=house.check_out_at(row.end_date),
        # A calendar often tells the platform alone.
        guest_name=row.guest_name or row.source or NAMELESS,
        guest_contact=row.guest_contact,
        status=row.status,
        status_text=row.status_text,
        code=row.code,
        source=row.source,
        listing_name=row.listing_name,
        earnings=row.earnings,
        booked_on=row.booked_on,
        adults=1 if row.adults is None else row.adults,
        children=row.children or 0,
        infants=row.infants or 0,
        row_number=row.number,
    )


def find_match_kind(row: BookingRow, stay: Stay) -> MatchKind:
    """Return by what a row and a stay were brought together."""
    if row.code and row.code == stay.code:
        return MatchKind.CODE
    if (row.start_date, row.end_date) != (stay.start_date, stay.end_date):
        return MatchKind.OVERLAP
    same_guest = name_key(row.guest_name) == name_key(stay.guest_name)
    return MatchKind.GUEST_AND_DATES if same_guest else MatchKind.DATES


def find_changes(row: BookingRow, stay: Stay) -> dict[str, tuple[str, str]]:
    """Return the fields in which a row contradicts a stay, with old and new value as text."""
    changes: dict[str, tuple[str, str]] = {}
    for name, essence in COMPARED.items():
        old, new = getattr(stay, name), getattr(row, name)
        if new is None or new == "":
            continue
        if old is None or essence(old) != essence(new):
            changes[name] = ("" if old is None else str(old), str(new))
    if row.status_text and _says_other_status(row, stay):
        changes["status"] = (stay.status_text or stay.status, row.status_text)
    return changes


def _says_other_status(row: BookingRow, stay: Stay) -> bool:
    # What the source said last time counts, so that a person's own status is left alone.
    if stay.status_text:
        return label_key(row.status_text) != label_key(stay.status_text)
    return row.status != stay.status
