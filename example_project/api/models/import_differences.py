"""The differences between a file and a booking, with values formatted for the reader."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils import translation

from api.names import name_field

from .booking import Booking, BookingStatus
from .import_reasons import Saying

__all__ = ["list_differences", "quote_value"]

READERS: Final[Mapping[str, Callable[[str], date | Decimal]]] = {
    **dict.fromkeys(("start_date", "end_date", "booked_on"), date.fromisoformat),
    "earnings": Decimal,
}
"""What makes of a text what each language writes in its own way."""


def quote_value(name: str, text: str) -> str | date | Decimal | Saying:
    """Return a compared value in a form that a saying can contain.

    Args:
        name: The field of a row that was compared.
        text: The value as it is kept: a day as ``2026-12-18``, a status as its code or, where the
            file wrote one, in the file's words.
    """
    if name == "status" and text in BookingStatus.values:
        # Without a language a label is the text that translations know it by.
        with translation.override(None):
            return Saying(str(BookingStatus(text).label))
    try:
        return READERS.get(name, str)(text)
    except (ValueError, InvalidOperation):
        return text


def list_differences(changes: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """Return what differs, as label, booking's value and file's value.

    Args:
        changes: What was compared to both values, as they are kept.
    """
    return [
        (name_field(Booking, name), _tell_value(name, old), _tell_value(name, new))
        for name, (old, new) in changes.items()
    ]


def _tell_value(name: str, text: str) -> str:
    return str(Saying("%(value)s", {"value": quote_value(name, text)}))
