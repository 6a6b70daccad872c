"""Writes a spreadsheet file, formulas with the values that a program would have saved with them.

The libraries that write workbooks leave these values out, and a reader that does not calculate
finds nothing then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

__all__ = ["STYLE_BLANK", "STYLE_DATE", "STYLE_TEXT", "Cell", "Sheet", "write_spreadsheet"]

STYLE_TEXT: Final = 0
STYLE_DATE: Final = 1
STYLE_BLANK: Final = 2
SERIAL_START: Final = date(1899, 12, 30)

NAMESPACE: Final = "http://schemas.openxmlformats.org"
MAIN: Final = f"{NAMESPACE}/spreadsheetml/2006/main"
DOCUMENT: Final = f"{NAMESPACE}/officeDocument/2006/relationships"
CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# A fixed time, so that the same content is the same file.
MOMENT: Final = (2026, 1, 1, 0, 0, 0)

STYLES: Final = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font>'
    '</fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill '
    'patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFF5F5F5"/>'
    '</patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" xfId="0"/>'
    '<xf numFmtId="14" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fillId="2" xfId="0" '
    'applyFill="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" '
    'builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What a cell holds: a value, a formula with its value, or a style alone."""

    value: str | float | date | None = None
    """The value, or what the formula gave."""
    formula: str = ""
    """The formula, without the equals sign."""
    style: int = STYLE_TEXT
    """One of the three styles."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet."""

    name: str
    """The name on its tab."""
    rows: Sequence[Mapping[str, Cell]]
    """The rows from the first, each column letters to cell in the order of the columns."""
    hidden_columns: Sequence[int] = field(default=())
    """Numbers of hidden columns, from 1."""


def write_spreadsheet(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as the bytes of an ``.xlsx`` file."""
    texts = _SharedTexts()
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet_xml(sheet, texts)
        for number, sheet in enumerate(sheets, start=1)
    }
    parts["xl/sharedStrings.xml"] = texts.to_xml()
    parts["xl/styles.xml"] = STYLES
    parts.update(_index_parts(sheets))
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, part in sorted(parts.items()):
            entry = ZipInfo(name, date_time=MOMENT)
            archive.writestr(entry, DECLARATION + part, compress_type=ZIP_DEFLATED)
    return content.getvalue()


class _SharedTexts:
    """The texts of a workbook, each stored once."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def place_text(self, text: str) -> int:
        """Return the position of a text, a new one where it is new."""
        return self._positions.setdefault(text, len(self._positions))

    def to_xml(self) -> str:
        """Return the part that lists them."""
        items = "".join(
            f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self._positions
        )
        return f'<sst xmlns="{MAIN}" uniqueCount="{len(self._positions)}">{items}</sst>'


def _sheet_xml(sheet: Sheet, texts: _SharedTexts) -> str:
    hidden = "".join(
        f'<col min="{number}" max="{number}" width="9" hidden="1" customWidth="1"/>'
        for number in sheet.hidden_columns
    )
    columns = f"<cols>{hidden}</cols>" if hidden else ""
    rows = "".join(_row_xml(number, row, texts) for number, row in enumerate(sheet.rows, start=1))
    return f'<worksheet xmlns="{MAIN}">{columns}<sheetData>{rows}</sheetData></worksheet>'


def _row_xml(number: int, row: Mapping[str, Cell], texts: _SharedTexts) -> str:
    cells = "".join(_cell_xml(f"{letters}{number}", cell, texts) for letters, cell in row.items())
    return f'<row r="{number}">{cells}</row>'


def _cell_xml(reference: str, cell: Cell, texts: _SharedTexts) -> str:
    opening = f'<c r="{reference}" s="{cell.style}"'
    if cell.value is None:
        return f"{opening}/>"
    formula = f"<f>{escape(cell.formula)}</f>" if cell.formula else ""
    if isinstance(cell.value, str):
        if formula:
            return f'{opening} t="str">{formula}<v>{escape(cell.value)}</v></c>'
        return f'{opening} t="s"><v>{texts.place_text(cell.value)}</v></c>'
    return f"{opening}>{formula}<v>{_number(cell.value)}</v></c>"


def _number(value: float | date) -> float:
    return (value - SERIAL_START).days if isinstance(value, date) else value


def _index_parts(sheets: Sequence[Sheet]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    entries = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in zip(numbers, sheets, strict=True)
    )
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    targets += [("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")]
    return {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
        f"<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(targets),
    }


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">{entries}</Relationships>'
    )


def _content_types(numbers: Iterable[int]) -> str:
    kinds = {
        "/xl/workbook.xml": "sheet.main",
        "/xl/sharedStrings.xml": "sharedStrings",
        "/xl/styles.xml": "styles",
        **{f"/xl/worksheets/sheet{number}.xml": "worksheet" for number in numbers},
    }
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{CONTENT}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{NAMESPACE}/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
