"""Workbooks (xlsx): archives of XML, without macros, links to elsewhere and other files."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS, find_kind
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .archives import Entry, inflate_entry, read_entries, write_archive
from .base import Decoded, Inspector, Structure, find_inspector
from .workbook_markup import WorkbookReader

__all__ = ["INSPECTOR"]

KIND: Final = KINDS["xlsx"]

OLE_MARK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTION_MARKS: Final = tuple(
    name.encode("utf-16-le") for name in ("EncryptedPackage", "DRMEncrypted")
)
CONTENT_TYPES: Final = "[content_types].xml"

MARKUP_ENDINGS: Final = (".xml", ".rels", ".vml")
PICTURE_FOLDERS: Final = ("xl/media/", "docprops/thumbnail.")
PICTURES: Final = ("jpeg", "png", "gif", "webp")
INFLATED: Final = "png"
"""The pictures that are walked by unpacking their pixels, which takes time."""
METAFILE_MARKS: Final = (b"\x01\0\0\0", b"\xd7\xcd\xc6\x9a")
"""How EMF and WMF begin, which Excel writes for pasted drawings and thumbnails."""

PRINTER_FOLDER: Final = "xl/printersettings/"
PRINTER_MAX_BYTES: Final = 256 * 1024
PROPERTY_LIST: Final = re.compile(
    rb"\s*<\?xml [^<>]*\?>\s*<!DOCTYPE plist [^<>\[\]]*>\s*<plist[\s>]"
)
"""How a printer's settings begin that a Mac wrote; the only ones that are XML."""

BLANKS: Final = b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"

ARCHIVE_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MSCF")
PROGRAM_MARKS: Final = (OLE_MARK, b"MZ", b"\x7fELF", b"#!", b"%PDF")

NAMED_THREATS: Final = (
    ("vbaproject", RefusalCode.MACROS),
    ("vbadata", RefusalCode.MACROS),
    ("macrosheets/", RefusalCode.MACROS),
    ("dialogsheets/", RefusalCode.MACROS),
    ("customui", RefusalCode.MACROS),
    ("xl/externallinks/", RefusalCode.EXTERNAL_LINKS),
    ("xl/connections", RefusalCode.EXTERNAL_LINKS),
    ("xl/querytables/", RefusalCode.EXTERNAL_LINKS),
    ("webextensions/", RefusalCode.EXTERNAL_LINKS),
    ("xl/embeddings/", RefusalCode.EMBEDDED_FILES),
    ("xl/activex/", RefusalCode.EMBEDDED_FILES),
)
"""What the name of a part tells already."""


class XlsxInspector(Inspector):
    """See :class:`Inspector`.

    The frame of the archive is written anew, the packed parts stay as they are: all XML is read,
    and a workbook that another program writes loses what that program does not know. So strict
    mode does no more than quick mode.
    """

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        if content.startswith(OLE_MARK):
            raise _refuse_ole(content)
        entries = read_entries(content, policy)
        names = {entry.name.casefold() for entry in entries}
        if CONTENT_TYPES not in names:
            raise Refusal(RefusalCode.TYPE_MISMATCH, found=_name_archive(names))
        for entry in entries:
            _check_name(entry.name.casefold(), policy)
        reader = WorkbookReader(policy)
        for entry in entries:
            _read_entry(entry, reader, policy)
        reader.check_whole()
        return Structure(facts=reader.facts(), pieces=write_archive(entries))

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return Decoded(content=content, kind=KIND)


def _refuse_ole(content: bytes) -> Refusal:
    if any(mark in content for mark in ENCRYPTION_MARKS):
        return Refusal(RefusalCode.ENCRYPTED)
    return Refusal(RefusalCode.UNSUPPORTED, problem="the old format of Excel, save it as .xlsx")


def _name_archive(names: set[str]) -> str:
    return "an OpenDocument file" if "mimetype" in names else "a zip archive"


def _check_name(name: str, policy: UploadPolicy) -> None:
    for part, code in NAMED_THREATS:
        if part in name:
            policy.refuse_unless_tolerated(code)


def _read_entry(entry: Entry, reader: WorkbookReader, policy: UploadPolicy) -> None:
    name = entry.name.casefold()
    windows = inflate_entry(entry)
    start = next(windows, b"")
    if start.startswith(ARCHIVE_MARKS):
        raise Refusal(RefusalCode.NESTED_ARCHIVE)
    whole = chain([start], windows)
    if name.endswith(MARKUP_ENDINGS) or name == CONTENT_TYPES:
        reader.read_part(whole)
    elif start.startswith(PROGRAM_MARKS) or not _is_harmless(name, start, whole, reader):
        policy.refuse_unless_tolerated(RefusalCode.EMBEDDED_FILES)
        _exhaust(whole)


def _is_harmless(name: str, start: bytes, windows: Iterable[bytes], reader: WorkbookReader) -> bool:
    """Read a part that is no XML, and tell whether it is a picture or a printer's settings."""
    if name.startswith(PRINTER_FOLDER):
        # The index may call any part a sheet, whatever its name.
        if start.lstrip(BLANKS).startswith(b"<") and not PROPERTY_LIST.match(start):
            return False
        return sum(map(len, windows)) <= PRINTER_MAX_BYTES
    if not name.startswith(PICTURE_FOLDERS):
        return False
    kind = find_kind(start)
    if kind is not None and kind.name in PICTURES:
        walked = find_inspector(kind).walk(b"".join(windows), reader.policy)
        if kind.name == INFLATED:
            reader.note_pixels(int(walked.facts["width"]) * int(walked.facts["height"]))
        return True
    _exhaust(windows)
    return start.startswith(METAFILE_MARKS)


def _exhaust(windows: Iterable[bytes] | Iterator[bytes]) -> None:
    """Unpack a part to its end, where its length and checksum are compared."""
    for _ in windows:
        pass


INSPECTOR: Final = XlsxInspector()
