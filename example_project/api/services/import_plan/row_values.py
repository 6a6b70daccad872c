"""A row of a file as JSON, and back: so a plan goes on without the file."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, Final, TextIO

from api.models.booking import BookingStatus
from api.models.import_reasons import Saying
from api.services.excel_import.report import Problem
from api.services.excel_import.rows import BookingRow, RefusedRow

__all__ = ["RowSpool", "open_spool", "read_values", "write_values"]

DATES: Final = ("start_date", "end_date", "booked_on")
NAMES: Final = tuple(name for name in BookingRow._fields if name != "number")
REPEATED: Final = ("status_text", "source", "property_label", "listing_name", "guest_contact")
"""What many rows of a file have in common."""


def write_values(row: BookingRow | RefusedRow) -> dict[str, Any]:
    """Return what a row says as JSON values; of a refused one, what is wrong with it."""
    if isinstance(row, RefusedRow):
        return {"problems": [one.as_json() for one in row.problems]}
    values = {name: getattr(row, name) for name in NAMES}
    for name in DATES:
        values[name] = values[name].isoformat() if values[name] else None
    values["earnings"] = None if row.earnings is None else str(row.earnings)
    values["status"] = str(row.status)
    values["notes"] = [one.as_json() for one in row.notes]
    return values


def read_values(
    number: int, values: Mapping[str, Any], *, keeps_cells: bool = True, **texts: str
) -> BookingRow | RefusedRow:
    """Return the row that :func:`write_values` wrote down.

    Args:
        number: The row's number in the file.
        values: What was written.
        keeps_cells: Whether to keep the cells as they were read, which are most of a row.
        texts: Code, guest and label of a refused row.
    """
    if "problems" in values:
        problems = tuple(map(Problem.from_json, values["problems"]))
        return RefusedRow(number=number, problems=problems, **texts)
    read = dict(values)
    for name in DATES:
        read[name] = date.fromisoformat(read[name]) if read[name] else None
    for name in REPEATED:
        read[name] = sys.intern(read[name])
    read["earnings"] = None if read["earnings"] is None else Decimal(read["earnings"])
    read["status"] = BookingStatus(read["status"])
    read["notes"] = tuple(map(Saying.from_json, read["notes"]))
    if not keeps_cells:
        read["raw"] = NO_CELLS
    return BookingRow(number=number, **read)


NO_CELLS: Final[Mapping[str, Any]] = {}


write_json: Final = json.JSONEncoder(default=str).encode


class RowSpool:
    """Keeps what the rows of a file say out of memory until it is stored.

    Args:
        file: Where to.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def keep_row(self, row: BookingRow | RefusedRow) -> BookingRow | RefusedRow:
        """Write down what a row says; return it without its cells."""
        values = write_values(row)
        self._file.write(write_json(values))
        self._file.write("\n")
        if isinstance(row, RefusedRow):
            return row
        shared: Any = {name: sys.intern(str(getattr(row, name))) for name in REPEATED}
        return row._replace(raw=NO_CELLS, **shared)

    def list_texts(self) -> Iterator[str]:
        """Yield what the rows say as JSON, in the order in which they were kept."""
        self._file.seek(0)
        return map(str.rstrip, self._file)


@contextmanager
def open_spool() -> Iterator[RowSpool]:
    """Open a spool that is gone with the block."""
    with TemporaryFile("w+", encoding="utf-8", newline="\n") as file:
        yield RowSpool(file)
