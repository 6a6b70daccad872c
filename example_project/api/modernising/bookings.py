"""Stays that the database would refuse are made possible, and do not block the calendar."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from .ledger import Ledger, Repair

__all__ = ["cancel_overlaps", "mend_codes", "mend_times"]

NO_CODES: Final = frozenset({"directly", "owner staying"})
"""Words that workbooks have in the column of the codes."""

LONGEST_CODE: Final = 100


def mend_times(ledger: Ledger) -> None:
    """Give stays that end before they begin possible times, and cancel them."""
    ledger.change(_mend_times(ledger))


def cancel_overlaps(ledger: Ledger) -> None:
    """Cancel what begins while another guest is in the house."""
    ledger.change(_cancel_overlaps(ledger))


def mend_codes(ledger: Ledger) -> None:
    """Number codes that are used twice, and empty those that are none."""
    ledger.change(_mend_codes(ledger))


def _mend_times(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("Booking")):
        if row.check_in < row.check_out:
            continue
        if row.check_in == row.check_out:
            nights = timedelta(days=row.nights or 1)
            values = {"check_out": row.check_in + nights}
            reason = "It began and ended at the same time."
        else:
            values = {"check_in": row.check_out, "check_out": row.check_in}
            reason = "It ended before it began; the two times are exchanged."
        yield Repair(row, {**values, "status": "cancelled"}, f"{reason} Look which ones are meant.")


def _cancel_overlaps(ledger: Ledger) -> Iterator[Repair]:
    rows = ledger.rows("Booking").exclude(status="cancelled")
    last: Any = None
    rows = rows.only("property", "check_in", "check_out", "status")
    for row in list(rows.order_by("property", "check_in", "pk")):
        if last is None or row.property_id != last.property_id:
            last = row
        elif row.check_in < last.check_out:
            reason = f"It overlaps booking {last.pk}, which began first, in the same house."
            yield Repair(row, {"status": "cancelled"}, reason)
        else:
            last = row


def _mend_codes(ledger: Ledger) -> Iterator[Repair]:
    seen: dict[tuple[Any, ...], Any] = {}
    for row in ledger.read(ledger.rows("Booking").exclude(external_code="")):
        place = (row.property_id, row.source)
        if row.external_code.strip().casefold() in NO_CODES:
            yield Repair(
                row, {"external_code": ""}, "This is no code, but what kind of stay it is."
            )
        elif (first := seen.setdefault((*place, row.external_code), row.pk)) != row.pk:
            code = _number_code(row.external_code, place, seen)
            seen[*place, code] = row.pk
            yield Repair(row, {"external_code": code}, f"Booking {first} has this code.")


def _number_code(code: str, place: tuple[Any, ...], seen: dict[tuple[Any, ...], Any]) -> str:
    number = 2
    while (numbered := code[: LONGEST_CODE - 6] + f" ({number})") and (*place, numbered) in seen:
        number += 1
    return numbered
