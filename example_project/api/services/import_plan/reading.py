"""Reads the file of a plan, as its template says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.models import BookingImportPlan
from api.models.base import default_time_zone
from api.models.import_plan import DateFormat, FileType
from api.services.excel_import.cells import DATE_FORMATS
from api.services.excel_import.columns import REQUIRED, Column
from api.services.excel_import.rows import BookingRow, RefusedRow, parse_row
from api.services.excel_import.stays import MatchRules
from api.services.excel_import.text_file import read_text_file
from api.services.excel_import.workbook import RawRow, Schedule, read_schedule

from .calendar_file import COLUMNS, read_calendar_file

__all__ = ["PlanFile", "find_rules", "load_columns", "read_file"]

FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    DateFormat.ANY: DATE_FORMATS,
    DateFormat.ISO: ("%Y-%m-%d",),
    DateFormat.MONTH_FIRST: ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"),
    DateFormat.DAY_FIRST: ("%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y"),
}
HOUSE: Final = "property_label"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanFile:
    """The content of a file."""

    sheet: str
    """The sheet that was read."""
    columns: Mapping[str, Column]
    """Where the fields stand."""
    rows: Iterator[BookingRow | RefusedRow]
    """The rows, typed one by one."""


def read_file(plan: BookingImportPlan) -> PlanFile:
    """Read the file of a plan.

    Raises:
        ImportRefused: The file as a whole cannot be read.
    """
    template = plan.template
    if plan.file_type == FileType.ICAL:
        return _read_calendar(plan)
    mapping = template.column_mapping if template else {}
    house = template.property.name if template and template.property else ""
    required = [field for field in REQUIRED if not (house and field == HOUSE)]
    schedule = _read_schedule(plan, mapping, required)
    columns = dict(schedule.columns)
    if house and HOUSE not in columns:
        columns[HOUSE] = Column(index=0, header="")
    formats = FORMATS[template.date_format if template else DateFormat.ANY]
    rows = (
        parse_row(_add_house(row, house), columns, date_formats=formats) for row in schedule.rows
    )
    return PlanFile(sheet=schedule.sheet, columns=columns, rows=rows)


def _read_calendar(plan: BookingImportPlan) -> PlanFile:
    house = plan.template.property if plan.template else None
    rows = read_calendar_file(
        plan.text,
        file_name=plan.file_name,
        house=house.name if house else "",
        zone=ZoneInfo(house.time_zone if house else default_time_zone()),
    )
    return PlanFile(sheet="iCal", columns=COLUMNS, rows=rows)


def _read_schedule(
    plan: BookingImportPlan, mapping: Mapping[str, str], required: list[str]
) -> Schedule:
    if plan.file_type == FileType.CSV:
        return read_text_file(plan.text, mapping=mapping, required=required)
    with plan.file.open() as file:
        data = file.read()
    return read_schedule(data, sheet=plan.sheet, mapping=mapping, required=required)


def _add_house(row: RawRow, house: str) -> RawRow:
    if not house or str(row.cells.get(HOUSE, "")).strip():
        return row
    cells: dict[str, Any] = {**row.cells, HOUSE: house}
    return RawRow(number=row.number, cells=cells)


def load_columns(plan: BookingImportPlan) -> dict[str, Column]:
    """Return the columns of the fields in the file that was read."""
    return {
        field: Column(index=index, header=header) for field, (index, header) in plan.columns.items()
    }


def find_rules(plan: BookingImportPlan) -> MatchRules:
    """Return the rules by which rows match bookings."""
    template = plan.template
    if plan.file_type == FileType.ICAL:
        # Any guest matches, since a calendar rarely names the guest.
        return MatchRules(dates=True)
    if template is None:
        return MatchRules()
    return MatchRules(
        code=template.matches_code,
        guest_and_dates=template.matches_guest_and_dates,
        dates=template.matches_dates,
    )
