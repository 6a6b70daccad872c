"""Serializes the rows of a file as JSON, so that a plan can continue without the file."""

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
    """Return the values of a row as JSON; of a refused row, its problems."""
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
    """Return the row that :func:`write_values` serialized.

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
    """Keeps the values of a file's rows out of memory until they are stored.

    Args:
        file: Where to.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def keep_row(self, row: BookingRow | RefusedRow) -> BookingRow | RefusedRow:
        """Write a row's values to the file; return the row without its cells."""
        values = write_values(row)
        self._file.write(write_json(values))
        self._file.write("\n")
        if isinstance(row, RefusedRow):
            return row
        shared: Any = {name: sys.intern(str(getattr(row, name))) for name in REPEATED}
        return row._replace(raw=NO_CELLS, **shared)

    def list_texts(self) -> Iterator[str]:
        """Yield the rows' values as JSON, in the order in which they were written."""
        self._file.seek(0)
        return map(str.rstrip, self._file)


@contextmanager
def open_spool() -> Iterator[RowSpool]:
    """Open a spool that is deleted at the end of the block."""
    with TemporaryFile("w+", encoding="utf-8", newline="\n") as file:
        yield RowSpool(file)
