"""Reads a workbook's bytes into rows that know their place in the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_STORED, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from .cell_limits import check_cells
from .columns import Column, find_columns
from .container import WorkbookParts, open_container
from .errors import NotAWorkbook, OversizedWorkbook

__all__ = ["DEFAULT_SHEET", "RawRow", "Schedule", "read_schedule"]

DEFAULT_SHEET: Final = "Cleaning schedule"
MAX_BOOKING_ROWS: Final = 20_000
# Formulas and styles reach far below the last booking: they do not make a row.
TELLING_FIELDS: Final = ("code", "status", "guest_name", "start_date", "end_date", "property_label")

NAMESPACE: Final = "http://schemas.openxmlformats.org"
DOCUMENT: Final = f"{NAMESPACE}/officeDocument/2006/relationships"


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
    rows: Sequence[RawRow]
    """The rows that hold something, in the order of the file."""


def read_schedule(data: bytes, *, sheet: str = "") -> Schedule:
    """Read the rows of one sheet; formulas count with the value that was saved with them.

    Args:
        data: The bytes of an ``.xlsx`` file.
        sheet: The sheet's name; by default “Cleaning schedule”, or the workbook's only sheet.

    Raises:
        ImportRefused: The file is no workbook, is encrypted or too large, or lacks the sheet or
            one of the required columns.
    """
    parts = open_container(data, sheet=sheet, default_sheet=DEFAULT_SHEET)
    check_cells(parts.sheet, parts.texts)
    grid = _read_grid(parts)
    header_position, columns = find_columns(grid, sheet=parts.sheet_name)
    rows = list(_telling_rows(grid, header_position, columns))
    if len(rows) > MAX_BOOKING_ROWS:
        raise OversizedWorkbook(f"the sheet has more than {MAX_BOOKING_ROWS:,} bookings")
    return Schedule(sheet=parts.sheet_name, columns=columns, rows=rows)


def _telling_rows(
    grid: Sequence[Sequence[Any]], header_position: int, columns: Mapping[str, Column]
) -> Iterator[RawRow]:
    telling = [columns[field].index for field in TELLING_FIELDS]
    places = [(field, column.index) for field, column in columns.items()]
    for position in range(header_position + 1, len(grid)):
        row = grid[position]
        if any(str(row[index]).strip() for index in telling):
            cells = {field: row[index] for field, index in places}
            yield RawRow(number=position + 1, cells=cells)


def _read_grid(parts: WorkbookParts) -> list[list[Any]]:
    content = BytesIO(_pack_parts(parts))
    try:
        workbook = CalamineWorkbook.from_filelike(content)
        # Without skip_empty_area=False row and column numbers would shift by the empty ones.
        return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError) as error:
        raise NotAWorkbook(f"the sheet “{parts.sheet_name}” is damaged") from error
    except BaseException as error:
        # A failed assertion in the reader arrives as PanicException, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise NotAWorkbook(f"the sheet “{parts.sheet_name}” is damaged") from error
        raise


def _pack_parts(parts: WorkbookParts) -> bytes:
    """Return a workbook of the inspected parts alone, so that nothing else can be read."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        archive.writestr("xl/workbook.xml", _workbook_index(parts))
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            _relations(
                ("worksheet", "worksheets/sheet1.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ),
        )
        archive.writestr("xl/worksheets/sheet1.xml", parts.sheet)
        for name, part in (("sharedStrings", parts.texts), ("styles", parts.styles)):
            if part:
                archive.writestr(f"xl/{name}.xml", part)
    return content.getvalue()


def _workbook_index(parts: WorkbookParts) -> str:
    return (
        f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" xmlns:r="{DOCUMENT}">'
        f'<workbookPr date1904="{int(parts.counts_from_1904)}"/>'
        f'<sheets><sheet name={quoteattr(parts.sheet_name)} sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )


def _relations(*targets: tuple[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">{entries}</Relationships>'
    )


CONTENT_TYPES: Final = (
    f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
