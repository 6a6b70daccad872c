"""Extract the parts of a workbook that contain one sheet, and repack only these."""

import posixpath
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_STORED, ZipFile

from django.template.defaultfilters import filesizeformat

from ..exceptions import SheetMissing
from .codes import RefusalCode
from .inspectors.archives import Entry, inflate_entry, read_entries
from .inspectors.dimensions import refuse_damage
from .policies import MEGABYTE, UploadPolicy
from .verdicts import Refusal

__all__ = ["SheetParts", "pack_parts", "take_parts"]

MAX_INDEX_BYTES: Final = MEGABYTE
MAX_PART_BYTES: Final = 32 * MEGABYTE

WORKBOOK_PART: Final = "xl/workbook.xml"
RELATIONS_PART: Final = "xl/_rels/workbook.xml.rels"
NAMESPACE: Final = "http://schemas.openxmlformats.org"
DOCUMENT: Final = f"{NAMESPACE}/officeDocument/2006/relationships"


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetEntry:
    """A sheet as listed in the workbook's index."""

    name: str
    """The name on its tab."""
    relation: str
    """The id of its part in the relationships of the index."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetParts:
    """The unpacked parts needed to read one sheet."""

    sheet_name: str
    """The name of the sheet, as written in the workbook."""
    sheet: bytes
    """The sheet's XML."""
    texts: bytes
    """The XML of the shared strings, or empty if there are none."""
    styles: bytes
    """The XML of the styles, which distinguish dates from numbers."""
    counts_from_1904: bool
    """Whether dates are counted from 1904, as in files from old Macintosh computers."""


def take_parts(
    content: bytes, policy: UploadPolicy, *, sheet: str, default_sheet: str
) -> SheetParts:
    """Return the parts of one sheet of an inspected workbook.

    Raises:
        Refusal: The workbook lacks a part that it references.
        SheetMissing: The workbook has no such sheet.
    """
    entries = {entry.name: entry for entry in read_entries(content, policy)}
    index = _parse_index(_read_part(entries, WORKBOOK_PART, MAX_INDEX_BYTES))
    relations = _read_relations(entries)
    chosen = _choose_sheet(_list_sheets(index), sheet=sheet, default_sheet=default_sheet)
    return SheetParts(
        sheet_name=chosen.name,
        sheet=_read_part(entries, relations.get(chosen.relation, ""), MAX_PART_BYTES),
        texts=_read_optional(entries, relations.get("sharedStrings", "")),
        styles=_read_optional(entries, relations.get("styles", "")),
        counts_from_1904=_counts_from_1904(index),
    )


def pack_parts(parts: SheetParts) -> BytesIO:
    """Return a workbook with only the inspected parts, so that nothing else can be read."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", _write_relations(("officeDocument", WORKBOOK_PART)))
        archive.writestr(WORKBOOK_PART, _write_index(parts))
        archive.writestr(
            RELATIONS_PART,
            _write_relations(
                ("worksheet", "worksheets/sheet1.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ),
        )
        archive.writestr("xl/worksheets/sheet1.xml", parts.sheet)
        for name, part in (("sharedStrings", parts.texts), ("styles", parts.styles)):
            if part:
                archive.writestr(f"xl/{name}.xml", part)
    content.seek(0)
    return content


def _read_part(entries: dict[str, Entry], name: str, limit: int) -> bytes:
    if name not in entries:
        raise refuse_damage("a part that it refers to is missing")
    if not name.casefold().endswith((".xml", ".rels")):
        # The inspection has not followed its cells.
        raise refuse_damage("a part that it refers to is no XML")
    if entries[name].size > limit:
        raise Refusal(RefusalCode.UNPACKED_SIZE, limit=filesizeformat(limit))
    return b"".join(inflate_entry(entries[name]))


def _read_optional(entries: dict[str, Entry], name: str) -> bytes:
    return _read_part(entries, name, MAX_PART_BYTES) if name in entries else b""


def _parse_index(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - inspected: no document type, UTF-8, short


def _read_relations(entries: dict[str, Entry]) -> dict[str, str]:
    """Return the parts by relationship id, and the two that a reader needs by kind."""
    paths: dict[str, str] = {}
    for relation in _parse_index(_read_part(entries, RELATIONS_PART, MAX_INDEX_BYTES)):
        target = relation.get("Target", "")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        kind = relation.get("Type", "").rpartition("/")[2]
        paths[relation.get("Id", "")] = path
        if kind in {"sharedStrings", "styles"}:
            paths[kind] = path
    return paths


def _list_sheets(index: ElementTree.Element) -> list[SheetEntry]:
    return [
        SheetEntry(name=element.get("name", ""), relation=_find_relation(element))
        for element in index.iter()
        if element.tag.rpartition("}")[2] == "sheet"
    ]


def _find_relation(element: ElementTree.Element) -> str:
    return next((value for name, value in element.items() if name.endswith("}id")), "")


def _choose_sheet(found: list[SheetEntry], *, sheet: str, default_sheet: str) -> SheetEntry:
    wanted = (sheet or default_sheet).strip().casefold()
    for entry in found:
        if entry.name.strip().casefold() == wanted:
            return entry
    if found and not sheet and (not default_sheet or len(found) == 1):
        return found[0]
    raise SheetMissing(sheet or default_sheet, [entry.name for entry in found])


def _counts_from_1904(index: ElementTree.Element) -> bool:
    return any(
        element.get("date1904") in {"1", "true"}
        for element in index.iter()
        if element.tag.rpartition("}")[2] == "workbookPr"
    )


def _write_index(parts: SheetParts) -> str:
    return (
        f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" xmlns:r="{DOCUMENT}">'
        f'<workbookPr date1904="{int(parts.counts_from_1904)}"/>'
        f'<sheets><sheet name={quoteattr(parts.sheet_name)} sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )


def _write_relations(*targets: tuple[str, str]) -> str:
    written = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">{written}</Relationships>'
    )


CONTENT_TYPES: Final = (
    f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
