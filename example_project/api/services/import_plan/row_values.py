"""A row of a file as JSON, and back: so a plan goes on without the file."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from api.models import BookingImportPlanRow
from api.models.booking import BookingStatus
from api.services.excel_import.report import Problem
from api.services.excel_import.rows import BookingRow, RefusedRow

__all__ = ["read_values", "write_values"]

DATES: Final = ("start_date", "end_date", "booked_on")
NAMES: Final = tuple(
    field.name for field in dataclasses.fields(BookingRow) if field.name != "number"
)
TEXTS: Final = ("code", "guest_name", "property_label")


def write_values(row: BookingRow | RefusedRow) -> dict[str, Any]:
    """Return what a row says as JSON values; of a refused one, what is wrong with it."""
    if isinstance(row, RefusedRow):
        return {"problems": [dataclasses.asdict(one) for one in row.problems]}
    values = {name: getattr(row, name) for name in NAMES}
    for name in DATES:
        values[name] = values[name].isoformat() if values[name] else None
    values["earnings"] = None if row.earnings is None else str(row.earnings)
    values["status"] = str(row.status)
    return values


def read_values(stored: BookingImportPlanRow) -> BookingRow | RefusedRow:
    """Return the row that :func:`write_values` wrote down."""
    values: Mapping[str, Any] = stored.values
    if "problems" in values:
        texts = {name: getattr(stored, name) for name in TEXTS}
        problems = tuple(Problem(**one) for one in values["problems"])
        return RefusedRow(number=stored.row_number, problems=problems, **texts)
    read = dict(values)
    for name in DATES:
        read[name] = date.fromisoformat(read[name]) if read[name] else None
    read["earnings"] = None if read["earnings"] is None else Decimal(read["earnings"])
    read["status"] = BookingStatus(read["status"])
    read["notes"] = tuple(read["notes"])
    return BookingRow(number=stored.row_number, **read)
