"""A person's decision about a row, and what follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.models.import_plan import RowAction

from .houses import House
from .rows import BookingRow
from .stays import Stay

__all__ = ["AMENDABLE", "RowChoice", "amend_stay", "settle_amendment"]

PLAIN_FIELDS: Final = (
    "guest_name",
    "guest_contact",
    "listing_name",
    "source",
    "earnings",
    "booked_on",
    "adults",
    "children",
    "infants",
)
AMENDABLE: Final = (*PLAIN_FIELDS, "start_date", "end_date", "status")
"""The fields that a person may take from the file, one by one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowChoice:
    """A person's decision about one row."""

    action: RowAction
    """What to do."""
    fields: Sequence[str] = ()
    """Which values to take from the file; all that differ where none is named."""
    target: House | None = None
    """The house to move to."""


def settle_amendment(
    row: BookingRow, stay: Stay, changes: Mapping[str, Any], *, house: House | None = None
) -> dict[str, Any]:
    """Return what a booking gets, by the names of its fields.

    Args:
        row: What the file says.
        stay: The booking as it is.
        changes: The fields to take, by the names of the file.
        house: Where the booking moves to.
    """
    values: dict[str, Any] = {name: getattr(row, name) for name in PLAIN_FIELDS if name in changes}
    if "status" in changes:
        values |= {"status": row.status, "external_status": row.status_text}
    dates = {"start_date", "end_date"} & set(changes)
    if dates or house:
        values |= _settle_dates(row, stay, dates, house or stay.house)
    if house is not None:
        values["property_id"] = house.pk
    return values


def _settle_dates(row: BookingRow, stay: Stay, dates: set[str], house: House) -> dict[str, Any]:
    start: date = row.start_date if "start_date" in dates else stay.start_date
    end: date = row.end_date if "end_date" in dates else stay.end_date
    moved = house is not stay.house
    values: dict[str, Any] = {"nights": (end - start).days}
    # A time that a person set stays if its day does.
    if moved or start != stay.start_date:
        values["check_in"] = house.check_in_at(start)
    if moved or end != stay.end_date:
        values["check_out"] = house.check_out_at(end)
    return values


def amend_stay(stay: Stay, values: Mapping[str, Any], house: House) -> None:
    """Update a stay to its future values; call it while the stay is not in the index."""
    for name, value in values.items():
        if name == "external_status":
            stay.status_text = value
        elif name not in {"property_id", "nights"}:
            setattr(stay, name, value)
    stay.house = house
