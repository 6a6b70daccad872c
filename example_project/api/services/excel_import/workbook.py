"""Reads a workbook into rows that know their position in the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.base import ContentFile

from api.models.import_plan import WORKBOOKS
from django_modernize.exceptions import SheetMissing
from django_modernize.uploads import UploadRejected
from django_modernize.uploads.workbooks import SheetRows, read_workbook

from .columns import REQUIRED, Column, find_columns
from .errors import MissingSheet, RefusedWorkbook, TooManyBookings

__all__ = ["DEFAULT_SHEET", "RawRow", "Schedule", "list_telling_rows", "read_schedule"]

DEFAULT_SHEET: Final = "Cleaning schedule"
MAX_BOOKING_ROWS: Final = 20_000
# Formulas and styles extend far below the last booking; they do not make a row.
TELLING_FIELDS: Final = ("code", "status", "guest_name", "start_date", "end_date", "property_label")


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRow:
    """One row of the sheet, its cells by field."""

    number: int
    """The row's number in the spreadsheet, from 1."""
    cells: Mapping[str, Any]
    """What each known column holds; an empty text where it holds nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """The sheet of a workbook that lists bookings."""

    sheet: str
    """The name on its tab."""
    columns: Mapping[str, Column]
    """The known columns by field."""
    rows: Iterable[RawRow]
    """The rows that hold something, in the order of the file; to be gone through once."""


def read_schedule(
    data: bytes,
    *,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    required: Sequence[str] = REQUIRED,
) -> Schedule:
    """Read the rows of one sheet; formulas count with the value that was saved with them.

    Args:
        data: The bytes of an ``.xlsx`` file.
        sheet: The sheet's name; by default “Cleaning schedule”, or the workbook's only sheet.
        mapping: The header of a field where it is not the usual one.
        required: The fields whose columns have to be there.

    Raises:
        ImportRefused: The file is no workbook, is encrypted or too large, or lacks the sheet or
            one of the required columns.
    """
    read = _read_sheet(data, sheet)
    header_position, columns = find_columns(
        read.rows, sheet=read.sheet, mapping=mapping, required=required
    )
    rows = list(list_telling_rows(read.rows, header_position, columns))
    if len(rows) > MAX_BOOKING_ROWS:
        raise TooManyBookings(MAX_BOOKING_ROWS)
    return Schedule(sheet=read.sheet, columns=columns, rows=rows)


def _read_sheet(data: bytes, sheet: str) -> SheetRows:
    file = ContentFile(data, name="workbook.xlsx")
    try:
        return read_workbook(file, WORKBOOKS, sheet=sheet, default_sheet=DEFAULT_SHEET)
    except UploadRejected as rejected:
        raise RefusedWorkbook(rejected) from rejected
    except SheetMissing as missing:
        raise MissingSheet(missing.wanted, missing.found) from missing


def list_telling_rows(
    grid: Iterable[Sequence[Any]], header_position: int, columns: Mapping[str, Column]
) -> Iterator[RawRow]:
    """Yield the rows below the headers that tell of a booking."""
    telling = [columns[field].index for field in TELLING_FIELDS if field in columns]
    places = [(field, column.index) for field, column in columns.items()]
    for position, row in enumerate(grid):
        if position > header_position and any(str(row[index]).strip() for index in telling):
            cells = {field: row[index] for field, index in places}
            yield RawRow(number=position + 1, cells=cells)
