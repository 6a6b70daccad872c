"""Opens a workbook's zip container under limits and takes out the parts that matter.

Nothing that a file says of itself is believed: each part is unpacked with a limit of its own, and
only the parts that were read here are handed on.
"""

import posixpath
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.etree import ElementTree

from .errors import EncryptedWorkbook, MissingSheet, NotAWorkbook, OversizedWorkbook

__all__ = ["WorkbookParts", "open_container"]

MEGABYTE: Final = 1024 * 1024
MAX_FILE_BYTES: Final = 20 * MEGABYTE
MAX_MEMBERS: Final = 1_000
MAX_PART_BYTES: Final = 32 * MEGABYTE
MAX_TOTAL_BYTES: Final = 200 * MEGABYTE
MAX_INDEX_BYTES: Final = MEGABYTE
# Honest sheets, a thousand empty styled rows included, stay below 60.
MAX_RATIO: Final = 200

OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTION_MARKS: Final = (
    "EncryptedPackage".encode("utf-16-le"),
    "DRMEncrypted".encode("utf-16-le"),
)
WORKBOOK_PART: Final = "xl/workbook.xml"
RELATIONS_PART: Final = "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetEntry:
    """One sheet as the workbook's index lists it."""

    name: str
    """The name on its tab."""
    relation: str
    """The id under which the index's relations name its part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkbookParts:
    """What is needed to read one sheet, unpacked."""

    sheet_name: str
    """The name of the sheet, as the workbook spells it."""
    sheet: bytes
    """The sheet's XML."""
    texts: bytes
    """The XML of the shared texts, empty where there are none."""
    styles: bytes
    """The XML of the styles, which tell dates from numbers."""
    counts_from_1904: bool
    """Whether day 0 is in 1904, as in files from old Macintosh computers."""


def open_container(data: bytes, *, sheet: str, default_sheet: str) -> WorkbookParts:
    """Return the parts of one sheet.

    Args:
        data: The file's bytes.
        sheet: The name of the sheet to read, case and outer spaces aside; empty for the default.
        default_sheet: The sheet to read where none is named; a workbook's only sheet will do.

    Raises:
        ImportRefused: The file is no workbook, is encrypted, too large, or lacks the sheet.
    """
    archive = _open_archive(data)
    try:
        return _take_parts(archive, sheet=sheet, default_sheet=default_sheet)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise NotAWorkbook("its container is damaged") from error
    except Exception as error:
        # zlib.error and lzma.LZMAError share no base with the others.
        if type(error).__module__ in {"zlib", "_lzma", "lzma"}:
            raise NotAWorkbook("its container is damaged") from error
        raise


def _open_archive(data: bytes) -> zipfile.ZipFile:
    if len(data) > MAX_FILE_BYTES:
        raise OversizedWorkbook(f"it has more than {MAX_FILE_BYTES // MEGABYTE} MB")
    if data.startswith(OLE_SIGNATURE):
        if any(mark in data for mark in ENCRYPTION_MARKS):
            raise EncryptedWorkbook
        raise NotAWorkbook("it is in the old .xls format; save it as .xlsx")
    if not data.startswith(b"PK\x03\x04"):
        raise NotAWorkbook("the file is empty" if not data else "its content is of another kind")
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotAWorkbook("its container is damaged") from error
    _check_members(archive.infolist())
    return archive


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise OversizedWorkbook(f"it has more than {MAX_MEMBERS} parts")
    if any(member.flag_bits & 0x1 for member in members):
        raise EncryptedWorkbook
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_TOTAL_BYTES:
        raise OversizedWorkbook(f"it unpacks to more than {MAX_TOTAL_BYTES // MEGABYTE} MB")
    if unpacked > MEGABYTE and unpacked > packed * MAX_RATIO:
        raise OversizedWorkbook(f"it unpacks to more than {MAX_RATIO} times its size")


def _take_parts(archive: zipfile.ZipFile, *, sheet: str, default_sheet: str) -> WorkbookParts:
    if WORKBOOK_PART not in archive.namelist():
        raise NotAWorkbook("it has no list of sheets")
    index = _parse_index(_read_part(archive, WORKBOOK_PART, MAX_INDEX_BYTES))
    relations = _read_relations(archive)
    entry = _choose_sheet(_list_sheets(index), sheet=sheet, default_sheet=default_sheet)
    path = relations.get(entry.relation, "")
    if path not in archive.namelist():
        raise NotAWorkbook(f"the content of the sheet “{entry.name}” is missing")
    return WorkbookParts(
        sheet_name=entry.name,
        sheet=_read_part(archive, path, MAX_PART_BYTES),
        texts=_read_optional(archive, relations.get("sharedStrings", "")),
        styles=_read_optional(archive, relations.get("styles", "")),
        counts_from_1904=_counts_from_1904(index),
    )


def _read_part(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    with archive.open(name) as part:
        content = part.read(limit + 1)
    if len(content) > limit:
        raise OversizedWorkbook(f"its part {name} has more than {limit // MEGABYTE} MB")
    return content


def _read_optional(archive: zipfile.ZipFile, name: str) -> bytes:
    return _read_part(archive, name, MAX_PART_BYTES) if name in archive.namelist() else b""


def _parse_index(content: bytes) -> ElementTree.Element:
    # A document type declares entities, and no spreadsheet program writes one.
    if b"<!DOCTYPE" in content or b"\x00" in content:
        raise NotAWorkbook("its index is no plain XML")
    try:
        return ElementTree.fromstring(content)  # noqa: S314 - no document type, at most 1 MB
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise NotAWorkbook("its index is damaged") from error


def _read_relations(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts by relation id, and the two that a reader needs by kind."""
    if RELATIONS_PART not in archive.namelist():
        raise NotAWorkbook("its index names no parts")
    paths: dict[str, str] = {}
    for relation in _parse_index(_read_part(archive, RELATIONS_PART, MAX_INDEX_BYTES)):
        target = relation.get("Target", "")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        kind = relation.get("Type", "").rpartition("/")[2]
        paths[relation.get("Id", "")] = path
        if kind in {"sharedStrings", "styles"}:
            paths[kind] = path
    return paths


def _list_sheets(index: ElementTree.Element) -> list[SheetEntry]:
    return [
        SheetEntry(name=element.get("name", ""), relation=_relation_id(element))
        for element in index.iter()
        if element.tag.rpartition("}")[2] == "sheet"
    ]


def _relation_id(element: ElementTree.Element) -> str:
    ids = (value for name, value in element.items() if name.endswith("}id"))
    return next(ids, "")


def _choose_sheet(entries: list[SheetEntry], *, sheet: str, default_sheet: str) -> SheetEntry:
    wanted = (sheet or default_sheet).strip().casefold()
    for entry in entries:
        if entry.name.strip().casefold() == wanted:
            return entry
    if not sheet and len(entries) == 1:
        return entries[0]
    if not entries:
        raise NotAWorkbook("it has no sheet")
    raise MissingSheet(sheet or default_sheet, [entry.name for entry in entries])


def _counts_from_1904(index: ElementTree.Element) -> bool:
    return any(
        element.get("date1904") in {"1", "true"}
        for element in index.iter()
        if element.tag.rpartition("}")[2] == "workbookPr"
    )
