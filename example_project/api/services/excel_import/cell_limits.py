"""Bounds what a sheet can make its reader allocate, before anything reads it.

The reader keeps a rectangle from the first cell to the last: one cell at XFD1048576 in a file of
5 KB made it ask for gigabytes, and a reference that overflows its counters ended the process. So
each reference is judged on the raw bytes, by patterns that find at least all that a parser finds.
"""

import re
from collections.abc import Iterable
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from .errors import NotAWorkbook, OversizedWorkbook

__all__ = ["check_cells"]

MAX_COLUMNS: Final = 2_000
MAX_AREA: Final = 1_500_000
MAX_TEXT_VOLUME: Final = 64 * 1024 * 1024
# However many cells fit into a part, texts this short cannot reach the volume.
SHORT_TEXT: Final = 64

# Every cell and row as all common programs write them: the reference, if any, comes first.
PLAIN_ELEMENT: Final = re.compile(rb'<(?:c|row)[ />](?:r="([A-Z]{0,3})([1-9][0-9]{0,6})")?')
# Spellings that XML allows and the pattern above would miss.
ODD_SPELLINGS: Final = (
    *(b"r" + space + b"=" for space in (b" ", b"\t", b"\r", b"\n")),
    *(space + b"r=" for space in (b"\t", b"\r", b"\n")),
    b" r='",
    b"<c\t",
    b"<c\r",
    b"<c\n",
    b"<row\t",
    b"<row\r",
    b"<row\n",
    b":c",
    b":row",
)

# Every attribute that is called "r", wherever it stands: column, row and what ends the value.
REFERENCE: Final = re.compile(
    rb"""[ \t\r\n]r[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z]{0,4})([0-9]{0,8})([\x00-\xff]?)"""
)
ELEMENT: Final = re.compile(rb"<(?:[^<>/:!? ]+:)?(c|row)[ />\t\r\n]")
ROW_START: Final = re.compile(rb"<(?:[^<>/:!? ]+:)?row[ />\t\r\n]")
TEXT_START: Final = re.compile(rb"<(?:[^<>/:!? ]+:)?si[ />\t\r\n]")
TEXT_CELL: Final = re.compile(rb"""[ \t\r\n]t[ \t\r\n]*=[ \t\r\n]*["'](?:s["']|&)""")


def check_cells(sheet: bytes, texts: bytes) -> None:
    """Refuse a sheet whose cells would fill more memory than an import may take.

    Args:
        sheet: The sheet's XML.
        texts: The XML of the shared texts.

    Raises:
        OversizedWorkbook: The cells span too wide an area, or repeat too much text.
        NotAWorkbook: A cell has an impossible reference, or a part is no proper XML.
    """
    for content in filter(None, (sheet, texts)):
        _check_grammar(content)
    rows, columns = _plain_extent(sheet) or _general_extent(sheet)
    _check_area(rows, columns)
    _check_texts(sheet, texts)


def _check_grammar(content: bytes) -> None:
    """Refuse what is no XML in the strict sense, since the reader is lenient.

    It takes an attribute without a space before it, which the patterns would not find.
    """
    # UTF-16 would hide references from patterns over bytes; a document type declares entities.
    if b"\x00" in content or b"<!DOCTYPE" in content:
        raise NotAWorkbook("a part of it is no plain UTF-8 XML")
    try:
        ParserCreate().Parse(content, True)
    except (ExpatError, LookupError, ValueError) as error:
        raise NotAWorkbook("a part of it is damaged") from error


def _plain_extent(sheet: bytes) -> tuple[int, int] | None:
    """Return the last row and column of a sheet in the usual spelling, ``None`` for another."""
    elements = PLAIN_ELEMENT.findall(sheet)
    letters, digits = zip(*elements, strict=True) if elements else ((), ())
    is_plain = b"" not in digits and len(elements) == sheet.count(b' r="')
    if not is_plain or any(spelling in sheet for spelling in ODD_SPELLINGS):
        return None
    return _last_place(letters, digits)


def _general_extent(sheet: bytes) -> tuple[int, int]:
    """Return bounds for any spelling, generous where cells carry no reference."""
    references = set(REFERENCE.findall(sheet))
    if any(end not in {b'"', b"'"} for _, _, end in references):
        raise NotAWorkbook("a cell has an impossible reference")
    letters = {name.upper() for name, _, _ in references}
    rows, columns = _last_place(letters, [digits for _, digits, _ in references])
    # A cell or row without a reference follows the one before it.
    elements = ELEMENT.findall(sheet)
    widest = max(len(ELEMENT.findall(row)) for row in ROW_START.split(sheet))
    return rows + elements.count(b"row"), columns + widest


def _last_place(letters: Iterable[bytes], digits: Iterable[bytes]) -> tuple[int, int]:
    rows = max((int(number) for number in set(digits) if number), default=0)
    return rows, max((_column_number(name) for name in set(letters)), default=0)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _check_area(rows: int, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise OversizedWorkbook(f"the sheet reaches past column {MAX_COLUMNS:,}")
    if rows * columns > MAX_AREA:
        raise OversizedWorkbook(
            f"the sheet spans {rows:,} rows and {columns:,} columns, "
            f"which is more than {MAX_AREA:,} cells; delete the empty ones"
        )


def _check_texts(sheet: bytes, texts: bytes) -> None:
    """Refuse long texts that many cells repeat, since each cell gets a copy."""
    starts = [match.start() for match in TEXT_START.finditer(texts)]
    ends = [*starts[1:], len(texts)]
    longest = max((end - start for start, end in zip(starts, ends, strict=False)), default=0)
    cells = len(TEXT_CELL.findall(sheet)) if longest > SHORT_TEXT else 0
    if cells * longest > MAX_TEXT_VOLUME:
        raise OversizedWorkbook(f"a text of {longest:,} bytes may stand in {cells:,} cells")
