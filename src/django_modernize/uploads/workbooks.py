"""Read a sheet of a workbook, checking its bounds before any reader sees the bytes.

A reader keeps the rectangle from the first cell to the last, with a copy of the text for each cell:
5 KB can make it allocate gigabytes, or end the process. So it gets a workbook with only the
inspected parts.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.template.defaultfilters import filesizeformat

from .codes import RefusalCode
from .inspection import inspect
from .policies import MEGABYTE, SPREADSHEETS, UploadPolicy
from .verdicts import Refusal, reject_upload
from .workbook_parts import SheetParts, pack_parts, take_parts

__all__ = ["SheetRows", "read_workbook"]

MAX_TEXT_VOLUME: Final = 64 * MEGABYTE
SHORT_TEXT: Final = 64
"""Texts this short cannot exceed the volume, however many cells fit into a sheet."""

TEXT_START: Final = re.compile(rb"<(?:[^<>/:!? ]+:)?si[ />\t\r\n]")
TEXT_CELL: Final = re.compile(rb"""[ \t\r\n]t[ \t\r\n]*=[ \t\r\n]*["'](?:s["']|&)""")


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRows:
    """The content of one sheet."""

    sheet: str
    """The name on its tab, as written in the workbook."""

    rows: list[list[Any]]
    """The cells starting at A1: row 5 is ``rows[4]``. Empty cells are empty strings, numbers are
    floats, dates are dates, and a formula is the value that was saved with it."""


def read_workbook(
    file: Any,
    policy: UploadPolicy = SPREADSHEETS,
    *,
    name: str | None = None,
    sheet: str = "",
    default_sheet: str = "",
) -> SheetRows:
    """Inspect a workbook and read one of its sheets. Requires the ``spreadsheets`` extra.

    Args:
        file: Django's ``File``, an upload, or a file opened in binary mode.
        policy: The policy, whose ``max_cells`` and ``max_columns`` limit what is returned.
        name: The client's name, if the file does not have it.
        sheet: The sheet to read, ignoring case and surrounding spaces. Empty for the default.
        default_sheet: The sheet to read if none is given. A workbook's only sheet is used whatever
            its name. If this is empty too, the first sheet is read.

    Raises:
        UploadRejected: The policy refuses the file, or the reader cannot read it.
        SheetMissing: The workbook has no such sheet.

    Costs the queries of :func:`~django_modernize.uploads.inspect`.
    """
    verdict = inspect(file, policy, name=name)
    verdict.raise_refusal()
    try:
        parts = take_parts(verdict.content, policy, sheet=sheet, default_sheet=default_sheet)
        _check_texts(parts)
        return SheetRows(sheet=parts.sheet_name, rows=_read_rows(parts))
    except Refusal as refusal:
        raise reject_upload(refusal.code, refusal.params) from refusal


def _check_texts(parts: SheetParts) -> None:
    """Refuse long texts repeated by many cells, since each cell gets a copy."""
    starts = [match.start() for match in TEXT_START.finditer(parts.texts)]
    ends = [*starts[1:], len(parts.texts)]
    longest = max((end - start for start, end in zip(starts, ends, strict=False)), default=0)
    cells = len(TEXT_CELL.findall(parts.sheet)) if longest > SHORT_TEXT else 0
    if cells * longest > MAX_TEXT_VOLUME:
        raise Refusal(RefusalCode.UNPACKED_SIZE, limit=filesizeformat(MAX_TEXT_VOLUME))


def _read_rows(parts: SheetParts) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook  # an optional dependency

    try:
        workbook = CalamineWorkbook.from_filelike(pack_parts(parts))
        # Without skip_empty_area=False, empty rows and columns would shift the numbers of others.
        return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError) as error:
        raise Refusal(RefusalCode.DAMAGED, problem="the sheet cannot be read") from error
    except BaseException as error:
        # A failed assertion in the reader raises PanicException, which is not an Exception.
        if type(error).__name__ == "PanicException":
            raise Refusal(RefusalCode.DAMAGED, problem="the sheet cannot be read") from error
        raise
