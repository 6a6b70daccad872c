"""Statuses, types, counts and currencies as today's columns hold them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings

from .ledger import Ledger, Repair

__all__ = ["give_words_back", "mend_counts", "mend_words"]

LARGEST_COUNT: Final = 32_767

TASK_STATUSES: Final = frozenset(
    {"pending", "waiting_dependency", "in_progress", "completed", "cancelled"}
)
RENAMED_STATUSES: Final[Mapping[str, str]] = {"in-progress": "in_progress", "canceled": "cancelled"}
"""The legacy spelling to today's."""

TASK_TYPES: Final = frozenset(
    {
        "administration",
        "cleaning",
        "maintenance",
        "laundry",
        "lawn_pool",
        "inspection",
        "preparation",
        "other",
    }
)
BOOKING_STATUSES: Final = frozenset(
    {"booked", "confirmed", "currently_hosting", "owner_staying", "cancelled", "completed"}
)
SYNONYMS: Final[Mapping[str, str]] = {
    "canceled": "cancelled",
    "hosting": "currently_hosting",
    "current_stay": "currently_hosting",
    "checking_out_today": "currently_hosting",
    "post_stay": "completed",
    "done": "completed",
}


def mend_counts(ledger: Ledger) -> None:
    """Bring counts and currencies into the range of the columns to come."""
    ledger.change(_mend_counts(ledger))


def mend_words(ledger: Ledger) -> None:
    """Give every booking and task a status and a type of today's."""
    ledger.change(_mend_bookings(ledger))
    tasks = ledger.rows("Task")
    ledger.change(_mend_tasks(ledger))
    for old, new in RENAMED_STATUSES.items():
        tasks.order_by().filter(status=old).update(status=new)


def give_words_back(ledger: Ledger) -> None:
    """Undo the repairs, and spell the statuses of all other tasks as the legacy system does."""
    repaired = ledger.recorded("Task").order_by().values("object_id")
    tasks = ledger.rows("Task").order_by().exclude(pk__in=repaired)
    for old, new in RENAMED_STATUSES.items():
        tasks.filter(status=new).update(status=old)
    ledger.undo()


def _mend_counts(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("Booking")):
        values: dict[str, Any] = {
            name: fallback
            for name, fallback in (("adults", 1), ("children", 0), ("infants", 0), ("nights", None))
            if (getattr(row, name) or 0) > LARGEST_COUNT
        }
        if values:
            yield Repair(row, values, "No house holds so many people, and no stay takes so long.")
        currency = _read_currency(row.earnings_currency)
        if currency != row.earnings_currency:
            reason = f"{row.earnings_currency!r} is no currency code."
            yield Repair(row, {"earnings_currency": currency}, reason)


def _read_currency(word: str) -> str:
    code = word.strip().upper()
    known = len(code) == len("USD") and code.isascii() and code.isalpha()
    return code if known else str(settings.ARISTAY_CURRENCY)


def _mend_bookings(ledger: Ledger) -> Iterator[Repair]:
    rows = ledger.rows("Booking").exclude(status__in=BOOKING_STATUSES)
    for row in ledger.read(rows):
        values = {"status": _read_word(row.status, BOOKING_STATUSES, "booked")}
        if not row.external_status:
            values["external_status"] = row.status
        yield Repair(row, values, f"{row.status!r} is no status of a booking.")


def _mend_tasks(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("Task")):
        values = {}
        if row.status not in RENAMED_STATUSES:
            status = _read_word(row.status, TASK_STATUSES, "pending")
            # One that is spelled as today already would come back in the legacy spelling.
            if status != row.status or status in RENAMED_STATUSES.values():
                values["status"] = status
        if row.task_type not in TASK_TYPES:
            values["task_type"] = _read_word(row.task_type, TASK_TYPES, "other")
        if values:
            reason = f"{row.status!r} and {row.task_type!r} are written otherwise today."
            yield Repair(row, values, reason)


def _read_word(word: str, known: frozenset[str], fallback: str) -> str:
    folded = "_".join(word.strip().lower().replace("-", " ").replace("/", " ").split())
    folded = SYNONYMS.get(folded, folded)
    return folded if folded in known else fallback
