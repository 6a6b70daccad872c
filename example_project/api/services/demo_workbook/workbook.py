"""Lays bookings out as the company's workbook does, with all its quirks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from .bookings import DemoBooking
from .spreadsheet import STYLE_BLANK, STYLE_DATE, Cell, Sheet, write_spreadsheet

__all__ = ["write_workbook"]

HEADERS: Final[Mapping[str, str]] = {
    "B": "Confirmation code",
    "C": "Status",
    "D": "Guest name",
    "E": "Contact",
    "F": "# of adults",
    "G": "# of children",
    "H": "# of infants",
    "I": "Start date",
    "J": "End date",
    "K": "# of nights",
    "L": "Booked",
    "M": "Listing",
    "N": "Earnings",
    "O": "Properties",
    "R": "Walk Through before guest check in",
    "T": "Clean up after guests check out",
    "U": "Booking source",
    "V": "Check 1",
    "Y": "Check ",
    "Z": "Check for conflicts",
}
HIDDEN_COLUMNS: Final = (1, 5, 6, 7, 8, 11, 13, 16, 17, 18, 19, 20, 22, 23, 24)
BLANK_COLUMNS: Final = ("I", "J", "L", "AB", "AC")
LAST_STYLED_ROW: Final = 1_000
SERIAL_START: Final = date(1899, 12, 30)

SOURCE_FORMULA: Final = (
    'IF(LEFT(B{row},2)="HM","AIRBNB",IF(LEFT(B{row},2)="HA","VRBO",'
    'IF(LEFT(B{row},2)="Di","Directly","Owner staying")))'
)
CHECK_INS_FORMULA: Final = (
    'IF(COUNTIF($I:$I,$J{row})>0,"Same day check in "&COUNTIF($I:$I,$J{row})&" houses",0)'
)
TURNOVER_FORMULA: Final = (
    'IF(COUNTIF($W:$W,$X{row})>0,"Check in, check out on the same day of stay "&O{row},0)'
)
CONFLICT_FORMULA: Final = (
    "IF(SUMPRODUCT(($O$2:$O$10000=$O{row})*($I$2:$I$10000<J{row})*($J$2:$J$10000>I{row}))>1,"
    '"Conflict","")'
)


def write_workbook(bookings: Sequence[DemoBooking]) -> bytes:
    """Return the bookings as the bytes of an ``.xlsx`` file; the same for the same bookings."""
    return write_spreadsheet(
        [
            Sheet(
                name="Cleaning schedule",
                rows=list(_schedule_rows(bookings)),
                hidden_columns=HIDDEN_COLUMNS,
            ),
            _list_sheet("Heat pool Pack n\u2019 play", bookings, wanted="AIRBNB"),
            _list_sheet("Trash", bookings, wanted="VRBO"),
            _list_sheet("Book directly", bookings, wanted="Directly"),
            _list_sheet("Owner staying", bookings, wanted="Owner staying"),
        ]
    )


def _schedule_rows(bookings: Sequence[DemoBooking]) -> Iterable[dict[str, Cell]]:
    yield {letters: Cell(value=header) for letters, header in HEADERS.items()}
    check_ins = Counter(booking.start for booking in bookings)
    arrivals = {(booking.start, booking.label.lower()) for booking in bookings}
    for row, booking in enumerate(bookings, start=2):
        turns_over = (booking.end, booking.label.lower()) in arrivals
        yield {
            **_typed_cells(booking),
            **_formula_cells(row, booking, check_ins[booking.end], turns_over=turns_over),
            **{letters: Cell(style=STYLE_BLANK) for letters in ("AB", "AC")},
        }
    for _ in range(len(bookings) + 1, LAST_STYLED_ROW):
        yield {letters: Cell(style=STYLE_BLANK) for letters in BLANK_COLUMNS}


def _typed_cells(booking: DemoBooking) -> dict[str, Cell]:
    adults, children, infants = booking.guests or (None, None, None)
    values: dict[str, str | float | date | None] = {
        "B": booking.code,
        "C": booking.status,
        "D": booking.guest_name,
        "E": booking.contact or None,
        # As a spreadsheet on the web saves them.
        "F": None if adults is None else float(adults),
        "G": None if children is None else float(children),
        "H": None if infants is None else float(infants),
        "I": booking.start,
        "J": booking.end,
        "K": _nights_value(booking),
        "L": booking.booked,
        "M": booking.listing or None,
        "N": booking.earnings,
        "O": booking.label or None,
    }
    return {
        letters: Cell(value=value, style=STYLE_DATE if isinstance(value, date) else STYLE_BLANK)
        for letters, value in values.items()
    }


def _nights_value(booking: DemoBooking) -> int | date | None:
    """Return the nights; a cell that is formatted as a date shows a day in January 1900."""
    if booking.guests is None or not isinstance(booking.start, date):
        return None
    nights = (booking.end - booking.start).days
    return SERIAL_START + timedelta(days=nights) if booking.shows_nights_as_date else nights


def _formula_cells(
    row: int, booking: DemoBooking, check_ins: int, *, turns_over: bool
) -> dict[str, Cell]:
    turnover = f"Check in, check out on the same day of stay {booking.label}"
    formulas: dict[str, tuple[str, str | float]] = {
        "U": (SOURCE_FORMULA, booking.source),
        "V": (CHECK_INS_FORMULA, f"Same day check in {check_ins} houses" if check_ins else 0),
        "W": ("I{row}&O{row}", f"{_day_text(booking.start)}{booking.label}"),
        "X": ("J{row}&O{row}", f"{_day_text(booking.end)}{booking.label}"),
        "Y": (TURNOVER_FORMULA, turnover if turns_over else 0),
        "Z": (CONFLICT_FORMULA, ""),
    }
    return {
        letters: Cell(formula=formula.replace("{row}", str(row)), value=value)
        for letters, (formula, value) in formulas.items()
    }


def _day_text(day: date | str) -> str:
    return day if isinstance(day, str) else str((day - SERIAL_START).days)


def _list_sheet(name: str, bookings: Sequence[DemoBooking], *, wanted: str) -> Sheet:
    """Return one of the sheets that repeat a few rows in columns of their own."""
    header = {"A": Cell(value="House"), "B": Cell(value="Guest"), "C": Cell(value="Until")}
    rows = [
        {
            "A": Cell(value=booking.label),
            "B": Cell(value=booking.guest_name),
            "C": Cell(value=booking.end, style=STYLE_DATE),
        }
        for booking in bookings
        if booking.source == wanted and booking.label
    ]
    return Sheet(name=name, rows=[header, *rows[:40]])
