"""Converts a row's cells to a typed row, or to a list of its problems. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from django.utils.translation import gettext_noop as _

from api.models.booking import BookingStatus
from api.models.import_reasons import Saying

from .cells import (
    DATE_FORMATS,
    CellProblem,
    read_count,
    read_date,
    read_money,
    read_nights,
    read_text,
)
from .columns import Column
from .report import Problem
from .words import derive_source, match_source, match_status, repair_encoding, strip_code_words
from .workbook import RawRow

__all__ = ["BookingRow", "RefusedRow", "parse_row"]

Value = TypeVar("Value")

TEXT_LENGTHS: Final[Mapping[str, int]] = {
    "code": 100,
    "status": 100,
    "guest_name": 200,
    "guest_contact": 200,
    "listing_name": 200,
    "property_label": 200,
    "source": 50,
    "same_day_note": 255,
}


class BookingRow(NamedTuple):
    """What one row of the schedule says; ``None`` and empty texts stand for empty cells.

    A large file has many: a tuple is made in a fraction of the time of a frozen dataclass.
    """

    number: int
    """The row's number in the spreadsheet."""
    code: str
    """The platform's confirmation code."""
    status: BookingStatus
    """What the schedule's word means."""
    status_text: str
    """The schedule's word for the status."""
    guest_name: str
    """The guest, as the file spells it."""
    guest_contact: str
    """Telephone or mail of the guest."""
    property_label: str
    """The file's name of the house."""
    source: str
    """Where the booking was made."""
    start_date: date
    """The day of check-in."""
    end_date: date
    """The day of check-out."""
    booked_on: date | None
    """The day of the booking."""
    adults: int | None
    """How many adults stay."""
    children: int | None
    """How many children stay."""
    infants: int | None
    """How many infants stay."""
    listing_name: str
    """The title of the platform's listing."""
    earnings: Decimal | None
    """What the company earns."""
    same_day_note: str
    """The sheet's hint at check-ins on the day of this check-out."""
    same_day_flag: bool
    """Whether the sheet says that the next guest comes on the day of this check-out."""
    raw: Mapping[str, Any]
    """The cells as they were read, as JSON values."""
    notes: tuple[Saying, ...]
    """What a person should look at; nothing that stands against the import."""

    @property
    def nights(self) -> int:
        """The nights from check-in to check-out."""
        return (self.end_date - self.start_date).days


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row from which no booking can be read."""

    number: int
    """The row's number in the spreadsheet."""
    code: str
    """The confirmation code, where it can be read."""
    guest_name: str
    """The guest, where one can be read."""
    property_label: str
    """The house, where one can be read."""
    problems: tuple[Problem, ...]
    """What is wrong, cell by cell."""


class _CellReader:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(
        self, row: RawRow, columns: Mapping[str, Column], date_formats: Sequence[str]
    ) -> None:
        self.row = row
        self.columns = columns
        self.date_formats = date_formats
        self.problems: list[Problem] = []

    def read(self, field: str, reader: Callable[[Any], Value]) -> Value | None:
        """Return the field's value, ``None`` where the file lacks the column or it is wrong."""
        if field not in self.row.cells:
            return None
        try:
            return reader(self.row.cells[field])
        except CellProblem as problem:
            self.add_problem(field, "bad_value", problem.saying)
            return None

    def read_text(self, field: str) -> str:
        """Return a text field, empty where there is none."""
        return (
            self.read(field, lambda value: read_text(value, max_length=TEXT_LENGTHS[field])) or ""
        )

    def read_date(self, field: str) -> date | None:
        """Return a date field, ``None`` where there is none."""
        return self.read(field, lambda value: read_date(value, formats=self.date_formats))

    def add_problem(self, field: str, code: str, saying: Saying) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(place_problem(self.columns, field, code, saying))


def place_problem(columns: Mapping[str, Column], field: str, code: str, saying: Saying) -> Problem:
    """Return a problem that knows the column of its field."""
    column = columns[field]
    return Problem(code=code, column=column.letters, header=column.header, saying=saying)


def parse_row(
    row: RawRow, columns: Mapping[str, Column], *, date_formats: Sequence[str] = DATE_FORMATS
) -> BookingRow | RefusedRow:
    """Return the row as a booking, or every reason why it is none.

    Args:
        row: The cells.
        columns: Where they stand.
        date_formats: How texts write dates.
    """
    reader = _CellReader(row, columns, date_formats)
    texts = {field: reader.read_text(field) for field in TEXT_LENGTHS}
    start, end = _read_stay(reader)
    status = match_status(texts["status"])
    _check_texts(reader, texts, status)
    numbers = {field: reader.read(field, read_count) for field in ("adults", "children", "infants")}
    booked_on = reader.read_date("booked_on")
    earnings = reader.read("earnings", read_money)
    if reader.problems or start is None or end is None or status is None:
        return _refuse_row(row, texts, reader.problems)
    return BookingRow(
        number=row.number,
        code=strip_code_words(texts["code"]),
        status=status,
        status_text=texts["status"],
        guest_name=texts["guest_name"],
        guest_contact=texts["guest_contact"],
        property_label=texts["property_label"],
        source=match_source(texts["source"]) or derive_source(texts["code"]),
        start_date=start,
        end_date=end,
        booked_on=booked_on,
        adults=numbers["adults"],
        children=numbers["children"],
        infants=numbers["infants"],
        listing_name=texts["listing_name"],
        earnings=earnings,
        same_day_note=_formula_text(texts["same_day_note"]),
        same_day_flag=bool(_formula_text(str(row.cells.get("same_day_flag", "")))),
        raw={field: _json_value(value) for field, value in row.cells.items() if value != ""},
        notes=tuple(_find_notes(row, texts["guest_name"], (end - start).days)),
    )


def _refuse_row(row: RawRow, texts: Mapping[str, str], problems: list[Problem]) -> RefusedRow:
    return RefusedRow(
        number=row.number,
        code=strip_code_words(texts["code"]),
        guest_name=texts["guest_name"],
        property_label=texts["property_label"],
        problems=tuple(problems),
    )


def _read_stay(reader: _CellReader) -> tuple[date | None, date | None]:
    found = len(reader.problems)
    start = reader.read_date("start_date")
    end = reader.read_date("end_date")
    if len(reader.problems) > found:
        return start, end
    for field, day in (("start_date", start), ("end_date", end)):
        if day is None:
            reader.add_problem(field, "missing_value", Saying(_("the date is missing")))
    if start and end and end <= start:
        reader.add_problem(
            "end_date",
            "check_out_before_check_in",
            Saying(
                _("the check-out (%(end)s) must be after the check-in (%(start)s)"),
                {"end": end, "start": start},
            ),
        )
    return start, end


def _check_texts(
    reader: _CellReader, texts: Mapping[str, str], status: BookingStatus | None
) -> None:
    named = {problem.header for problem in reader.problems}
    missing = {
        "guest_name": Saying(_("the guest is missing")),
        "property_label": Saying(_("the property is missing")),
    }
    for field, saying in missing.items():
        if not texts[field] and reader.columns[field].header not in named:
            reader.add_problem(field, "missing_value", saying)
    if status is None:
        saying = Saying(_("“%(text)s” is no known status"), {"text": texts["status"]})
        reader.add_problem("status", "unknown_status", saying)


def _formula_text(text: str) -> str:
    """Return a hint of the sheet's formulas, nothing for their 0."""
    return "" if text in {"0", "0.0"} else text


def _find_notes(row: RawRow, guest_name: str, nights: int) -> Iterator[Saying]:
    counted = read_nights(row.cells.get("nights", ""))
    if counted is not None and counted != nights:
        yield Saying(
            _("The file counts %(counted)d nights, the dates give %(nights)d."),
            {
                "counted": counted,
                "nights": nights,
            },
        )
    repaired = repair_encoding(guest_name)
    if repaired != guest_name:
        yield Saying(_("The guest's name looks like a broken “%(name)s”."), {"name": repaired})


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < 1e15 else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return value.replace("\x00", "") if isinstance(value, str) else value
