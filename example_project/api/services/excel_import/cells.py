"""Converts a cell to a typed value, or says what is wrong with it."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext_noop as _

from api.models.import_reasons import Saying

__all__ = [
    "DATE_FORMATS",
    "CellProblem",
    "read_count",
    "read_date",
    "read_money",
    "read_nights",
    "read_text",
]

FIRST_DATE: Final = date(2000, 1, 1)
LAST_DATE: Final = date(2099, 12, 31)
# Excel counts days from here, after its February 29, 1900.
SERIAL_START: Final = date(1899, 12, 30)
MAX_COUNT: Final = 999
MAX_MONEY: Final = Decimal("99999999.99")
DATE_FORMATS: Final = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")
"""How texts write dates, where nobody said otherwise."""

REPEATED_DATES: Final = 4_096
"""Days that are kept as they were read: a file has many rows and few days."""

CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class CellProblem(Exception):
    """A cell holds something that its column cannot mean.

    Args:
        saying: What, as the rest of a sentence.
    """

    def __init__(self, saying: Saying) -> None:
        super().__init__(saying)
        self.saying = saying


def read_text(value: Any, *, max_length: int) -> str:
    """Return a text with single spaces; a whole number loses its ``.0``.

    Raises:
        CellProblem: The text is too long.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(CONTROL_CHARACTERS.sub("", str(value)).split())
    if len(text) > max_length:
        raise CellProblem(
            Saying(
                _("the text has %(length)d characters; at most %(most)d fit"),
                {"length": len(text), "most": max_length},
            )
        )
    return text


def read_date(value: Any, *, formats: Sequence[str] = DATE_FORMATS) -> date | None:
    """Return the date of a cell, ``None`` for an empty one.

    Takes dates, days since 1900, and the texts ``2026-12-31`` and ``12/31/2026``.

    Args:
        value: What the cell holds.
        formats: How a text may write a date.

    Raises:
        CellProblem: It is no date, or one outside 2000 to 2099.
    """
    day = _find_date(value, formats)
    if day is not None and not FIRST_DATE <= day <= LAST_DATE:
        raise CellProblem(Saying(_("%(day)s is not between 2000 and 2099"), {"day": day}))
    return day


def _find_date(value: Any, formats: Sequence[str]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _from_serial(float(value))
    text = str(value).strip()
    return _from_text(text, tuple(formats)) if text else None


def _from_serial(serial: float) -> date:
    # 73,050 is 31 December 2099; the comparison also keeps out nan and infinity.
    if not 1 <= serial < 73_051:
        raise CellProblem(Saying(_("“%(text)s” is not a date"), {"text": f"{serial:g}"}))
    return SERIAL_START + timedelta(days=int(serial))


@lru_cache(maxsize=REPEATED_DATES)
def _from_text(text: str, formats: tuple[str, ...]) -> date:
    for date_format in formats:
        try:
            return datetime.strptime(text, date_format).date()
        except ValueError:
            continue
    raise CellProblem(Saying(_("“%(text)s” is not a date"), {"text": shorten(text)}))


def read_count(value: Any) -> int | None:
    """Return a number of people, ``None`` for an empty cell.

    Raises:
        CellProblem: It is no whole number from 0 to 999.
    """
    text = str(value).strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise CellProblem(
            Saying(_("“%(text)s” is not a number"), {"text": shorten(text)})
        ) from None
    if isinstance(value, bool) or not 0 <= number <= MAX_COUNT or not number.is_integer():
        raise CellProblem(
            Saying(
                _("“%(text)s” is not a whole number from 0 to %(most)d"),
                {"text": shorten(text), "most": MAX_COUNT},
            )
        )
    return int(number)


def read_money(value: Any) -> Decimal | None:
    """Return an amount in cents' precision, ``None`` for an empty cell.

    Raises:
        CellProblem: It is no amount, or one too large to be stored.
    """
    text = str(value).strip()
    if not text:
        return None
    try:
        amount = Decimal(text.removeprefix("$").replace(",", ""))
    except InvalidOperation:
        raise CellProblem(
            Saying(_("“%(text)s” is not an amount"), {"text": shorten(text)})
        ) from None
    if isinstance(value, bool) or not _is_storable(amount):
        raise CellProblem(
            Saying(_("“%(text)s” is not an amount below 100,000,000"), {"text": shorten(text)})
        )
    return amount.quantize(Decimal("0.01"))


def _is_storable(amount: Decimal) -> bool:
    # Comparing is exact; abs() of an absurd exponent would overflow.
    return amount.is_finite() and -MAX_MONEY <= amount <= MAX_MONEY


def read_nights(value: Any) -> int | None:
    """Return the number of nights; a count that the sheet shows as a date in 1900 is a count.

    Never fails, since the dates tell the nights: what cannot be read is ``None``.
    """
    if isinstance(value, date):
        return _count_days(value if not isinstance(value, datetime) else value.date())
    try:
        return read_count(value)
    except CellProblem:
        return None


def _count_days(day: date) -> int | None:
    # Excel believes in a February 29, 1900: numbers before it are off by one day.
    days = (day - SERIAL_START).days - (1 if day < date(1900, 3, 1) else 0)
    return days if 0 <= days <= MAX_COUNT else None


def shorten(text: str) -> str:
    """Return a text that fits into a message."""
    return text if len(text) <= 40 else f"{text[:39]}…"
