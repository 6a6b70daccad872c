"""PDF files that run, send, hide or explode."""

import zlib
from collections.abc import Iterator

from django_modernize.uploads import DOCUMENTS
from tests.documents import (
    CATALOG,
    HEADER,
    PAGE,
    TREE,
    document,
    object_stream,
    packed,
    put_together,
    stream,
)
from tests.workbooks import workbook

from .case import PAGE as WEB_PAGE
from .case import SCRIPT, Case, refuse

SCRIPTED = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
GOOD = document()


def action(value: bytes) -> bytes:
    return document(catalog=b"/OpenAction " + value)


def bomb(megabytes: int) -> bytes:
    return document(packed(bytes(megabytes << 20)))


def saved_again(objects: bytes) -> bytes:
    """A later save, appended as programs do."""
    place = len(GOOD)
    start = GOOD.index(b"xref\n")
    return GOOD + b"%sxref\n4 1\n%010d 00000 n \ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\n" % (
        objects, place, start,
    ) + b"startxref\n%d\n%%%%EOF\n" % (place + len(objects))  # fmt: skip


def hidden(container: bytes) -> bytes:
    """The table leads to an object within another one, which a reader in order does not see."""
    content = document(container)
    return document(container, places={4: content.index(b"4 0 obj<<")})


INNER = b"4 0 obj<</S/JavaScript/JS(x)>>endobj "


def table_stream(width: bytes = b"[1 2 1]", data: bytes | None = None, head: bytes = b"") -> bytes:
    """A file whose table is packed; ``data`` are its entries."""
    content, places = HEADER, []
    for number, value in enumerate([CATALOG % b"", TREE, PAGE % b""], start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(content)
    rows = b"\0\0\0\xff" + b"".join(b"\1%s\0" % place.to_bytes(2) for place in [*places, start])
    table = packed(
        rows if data is None else data, b"/Type/XRef/Size 5/Root 1 0 R/W%s%s" % (width, head)
    )
    return content + b"4 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, start)


def predicted(options: bytes = b"", *, columns: int = 5, way: int = 1) -> bytes:
    """A packed object whose bytes are told as differences, as PNG has them."""
    told = b"/Predictor 12/Columns %d%s" % (columns, options)
    head = b"/Type/ObjStm/N 1/First 4/DecodeParms<<%s>>" % told
    return document(packed(bytes([way]) + b"9 0 1", head))


CASES = {
    "a PDF with scripts": {
        "at opening": (action(SCRIPTED), "scripts"),
        "in the names": (
            document(catalog=b"/Names<</JavaScript<</Names[(a)4 0 R]>>>>"),
            "scripts",
        ),
        "at a page": (document(page=b"/AA<</O%s>>" % SCRIPTED), "scripts"),
        "at a field": (document(b"<</FT/Tx/T(a)/AA<</K%s>>>>" % SCRIPTED), "scripts"),
        "spelled with codes": (action(b"<</S/J#61va#53cript/#4a#53(x)>>"), "scripts"),
        "in a stream": (document(stream(b"app.alert(1)", b"/JS 4 0 R")), "scripts"),
        "in an object stream": (document(object_stream({9: SCRIPTED})), "scripts"),
        "by a name that stands alone": (
            document(b"/JavaScript", catalog=b"/OpenAction<</S 4 0 R>>"),
            "scripts",
        ),
        "in an object that nobody refers to": (document(SCRIPTED), "scripts"),
        "after a later save": (saved_again(b"4 0 obj\n%s\nendobj\n" % SCRIPTED), "scripts"),
        "behind a comment": (action(b"%x\n<</S%y\n/JavaScript/JS(x)>>"), "scripts"),
        "PostScript": (document(stream(b"x", b"/Subtype/PS")), "scripts"),
        "in a rendering": (action(b"<</S/Rendition/JS(x)>>"), "scripts"),
    },
    "a PDF that acts": {
        "a program": (action(b"<</S/Launch/F(cmd.exe)>>"), "actions"),
        "a program of Windows": (
            action(b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>"),
            "actions",
        ),
        "a form that is sent": (action(b"<</S/SubmitForm/F(https://x)>>"), "actions"),
        "imported data": (action(b"<</S/ImportData/F(x.fdf)>>"), "actions"),
        "a chain of acts": (action(b"<</S/GoTo/D[3 0 R]/Next<</S/Launch/F(x)>>>>"), "actions"),
        "packed": (document(object_stream({9: b"<</S/Launch/F(x)>>"})), "actions"),
    },
    "a PDF that calls out by itself": {
        "a web page at opening": (action(b"<</S/URI/URI(https://x)>>"), "actions"),
        "by reference": (
            document(b"<</S/URI/URI(https://x)>>", catalog=b"/OpenAction 4 0 R"),
            "actions",
        ),
        "by a reference to a reference": (
            document(b"5 0 R", b"<</S/URI/URI(https://x)>>", catalog=b"/OpenAction 4 0 R"),
            "actions",
        ),
        "at closing": (
            document(catalog=b"/AA<</WC<</S/URI/URI(https://x)>>>>"),
            "actions",
        ),
        "when a page is shown": (
            document(b"<</O 5 0 R>>", b"<</S/URI/URI(https://x)>>", page=b"/AA 4 0 R"),
            "actions",
        ),
        "behind a harmless action": (
            action(b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(https://x)>>>>"),
            "actions",
        ),
        "an action whose type stands elsewhere": (
            document(b"/URI", catalog=b"/OpenAction<</S 4 0 R/URI(https://x)>>"),
            "actions",
        ),
        "an endless chain of references": (
            document(*(b"%d 0 R" % n for n in range(5, 30)), b"0", catalog=b"/OpenAction 4 0 R"),
            "depth",
        ),
    },
    "a PDF that refers elsewhere": {
        "an article of another file": (
            document(page=b"/Annots[<</A<</S/Thread/F(\\\\\\\\x\\\\y)/D 0>>>>]"),
            "external_links",
        ),
        "a page of another file": (
            document(stream(b"", b"/Subtype/Form/BBox[0 0 1 1]/Ref<</F(x.pdf)/Page 0>>")),
            "external_links",
        ),
        "a file on the web": (
            document(b"<</Type/Filespec/FS/URL/F 5 0 R>>", b"(https://x)"),
            "external_links",
        ),
        "a file by its other name": (document(b"<</UF(x)>>"), "external_links"),
        "a picture for the press": (
            document(stream(b"", b"/OPI<</2.0<</Type/OPI/F<</F(x)>>>>>>")),
            "external_links",
        ),
        "another file": (action(b"<</S/GoToR/F(//host/x.pdf)/D[0]>>"), "external_links"),
        "a link to a file": (action(b"<</S/URI/URI(file:///etc/passwd)>>"), "external_links"),
        "a link to a share": (action(b"<</S/URI/URI(\\\\\\\\host\\\\x)>>"), "external_links"),
        "a link that is a script": (action(b"<</S/URI/URI(javascript:x)>>"), "external_links"),
        "spelled in octal": (action(b"<</S/URI/URI(\\152avascript:x)>>"), "external_links"),
        "spelled in hexadecimal": (action(b"<</S/URI/URI<66696c653a2f2f>>>"), "external_links"),
        "told by another object": (
            document(b"(file:///x)", catalog=b"/OpenAction<</S/URI/URI 4 0 R>>"),
            "external_links",
        ),
        "a base for all links": (document(catalog=b"/URI<</Base(file:///)>>"), "external_links"),
        "a stream in another file": (document(stream(b"", b"/F(//host/x)")), "external_links"),
    },
    "a PDF with other files": {
        "attached": (
            document(catalog=b"/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>"),
            "embedded_files",
        ),
        "a file's description": (document(b"<</Type/Filespec/EF<</F 5 0 R>>>>"), "embedded_files"),
        "a file's stream": (document(stream(SCRIPT, b"/Type/EmbeddedFile")), "embedded_files"),
        "at a page": (document(b"<</Subtype/FileAttachment/FS 5 0 R>>"), "embedded_files"),
        "a PDF within": (action(b"<</S/GoToE/D[0]>>"), "embedded_files"),
        "Flash": (document(b"<</Subtype/RichMedia>>"), "embedded_files"),
        "a film": (document(b"<</Subtype/Movie/Movie<</F(x)>>>>"), "embedded_files"),
        "a sound": (document(b"<</Subtype/Sound>>"), "embedded_files"),
        "a space": (document(b"<</Subtype/3D>>"), "embedded_files"),
        "packed": (document(object_stream({9: b"<</EF<</F 5 0 R>>>>"})), "embedded_files"),
    },
    "a PDF with a form of XML": {
        "XFA": (document(catalog=b"/AcroForm<</XFA 4 0 R>>"), "forms"),
        "XFA spelled with codes": (document(catalog=b"/AcroForm<</#58#46#41[]>>"), "forms"),
    },
    "an encrypted PDF": {
        "by a password": (document(trailer=b"/Encrypt<</Filter/Standard/V 4>>"), "encrypted"),
        "told by another object": (
            document(b"<</Filter/Standard>>", trailer=b"/Encrypt 4 0 R"),
            "encrypted",
        ),
        "with objects that cannot be read": (
            document(stream(b"noise", b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"),
                     trailer=b"/Encrypt<</Filter/Standard>>"),
            "encrypted",
        ),
    },
    "a PDF that explodes": {
        "packed twice": (
            document(stream(zlib.compress(zlib.compress(bytes(9_000_000))), b"/Filter[/Fl/Fl]")),
            "unsupported",
        ),
        "packed in two ways": (
            document(stream(b"x", b"/Filter[/ASCII85Decode/LZWDecode/FlateDecode]")),
            "unsupported",
        ),
        "one object written 50,000 times": (
            lambda: put_together(
                [CATALOG % b"", TREE, PAGE % b""], between=b"4 0 obj 1 endobj\n" * 50_000
            ),
            "too_many_pieces",
        ),
        "150 MB of nothing": (lambda: bomb(150), "unpacked_size"),
        "many streams that are each below": (
            lambda: document(*[packed(bytes(5 << 20))] * 30),
            "unpacked_size",
        ),
        "an object stream": (
            lambda: document(packed(bytes(150 << 20), b"/Type/ObjStm/N 1/First 4")),
            "unpacked_size",
        ),
        "packed four times": (
            document(stream(b"x", b"/Filter[/FlateDecode/FlateDecode/FlateDecode/FlateDecode]")),
            "unsupported",
        ),
        "3,000 pages": (lambda: document(*[PAGE % b""] * 3_000), "pages"),
        "deep arrays": (document(b"[" * 200 + b"]" * 200), "depth"),
        "deep dictionaries": (document(b"<</A" * 200 + b" 1" + b">>" * 200), "depth"),
        "deep and packed": (document(object_stream({9: b"[" * 200 + b"]" * 200})), "depth"),
        "two million numbers": (
            lambda: document(b"[" + b"1 " * 2_000_000 + b"]"),
            "too_many_pieces",
        ),
        "a text of parentheses": (
            lambda: document(b"(" * 2_000_000 + b")" * 2_000_000),
            "too_many_pieces",
        ),
        "a million packed objects, as it says": (
            document(packed(b"9 0 1", b"/Type/ObjStm/N 1000001/First 4")),
            "too_many_pieces",
        ),
        "packed numbers": (
            lambda: document(object_stream({9: b"[" + b"1 " * 2_000_000 + b"]"})),
            "too_many_pieces",
        ),
    },
    "a PDF that can be read in two ways": {
        "an object within a text": (hidden(b"(%s)" % INNER), "ambiguous"),
        "an object within a stream": (hidden(stream(INNER)), "ambiguous"),
        "an object within a comment": (hidden(b"%" + INNER + b"\n1"), "ambiguous"),
        "a place of another object": (document(places={3: 15}), "ambiguous"),
        "a key twice": (document(catalog=b"/A 1/A 2"), "ambiguous"),
        "a packed object within a text": (
            document(packed(b"9 0 10 1 (<</S/X>>)", b"/Type/ObjStm/N 2/First 9")),
            "ambiguous",
        ),
        "a packed object that is not told": (
            document(packed(b"9 0 1 <</A 1>>", b"/Type/ObjStm/N 1/First 4")),
            "ambiguous",
        ),
        "a table that leads elsewhere, packed": (
            table_stream(data=b"\0\0\0\xff\1\0\x14\0"),
            "ambiguous",
        ),
        "a length that is too short": (
            document(stream(b"endstream endobj 9 0 obj", length=b"3")),
            "size_mismatch",
        ),
        "a length that is too long": (document(stream(b"x", length=b"900")), "size_mismatch"),
        "a length beyond all files": (document(stream(b"x", length=b"4" + b"0" * 60)), "damaged"),
        "a length of more digits than Python reads": (
            document(stream(b"x", length=b"4" * 5000)),
            "damaged",
        ),
        "a length that another object contradicts": (
            document(stream(b"abcdefgh", length=b"5 0 R"), b"900"),
            "size_mismatch",
        ),
        "a length that nobody tells": (
            document(stream(b"abcdefgh", length=b"9 0 R")),
            "size_mismatch",
        ),
    },
    "a PDF of two kinds": {
        "a page within": (document(between=WEB_PAGE), "damaged"),
        "a script within": (document(between=SCRIPT), "damaged"),
        "a script as header": (GOOD.replace(b"%PDF-1.7", b"%PDF-<?p"), "damaged"),
        "an archive within": (document(between=workbook()), "damaged"),
        "the name alone": (b"%PDF-1.7\n" + SCRIPT, "truncated"),
        "a page behind the header": (b"%PDF-1.7\n" + WEB_PAGE + b"%%EOF", "damaged"),
    },
    "a broken PDF": {
        "no end": (GOOD[: GOOD.index(b"startxref")], "truncated"),
        "no table": (document(entries=b""), "damaged"),
        "a table of letters": (document(entries=b"xref\n0 1\nabcdefghij 00000 n \n"), "damaged"),
        "a table that lies elsewhere": (document(start=5), "damaged"),
        "no root": (GOOD.replace(b"/Root", b"/Toor"), "damaged"),
        "no page": (put_together([CATALOG % b"", TREE]), "damaged"),
        "an unknown version": (GOOD.replace(b"-1.7", b"-9.7"), "damaged"),
        "a chain that ends nowhere": (document(trailer=b"/Prev 3"), "damaged"),
        "a chain that bites its tail": (
            document(trailer=b"/Prev %d" % GOOD.index(b"xref\n")),
            "damaged",
        ),
        "a hybrid that leads nowhere": (document(trailer=b"/XRefStm 3"), "damaged"),
        "brackets that do not match": (document(b"[1 2>>"), "damaged"),
        "an odd dictionary": (document(b"<</A 1/B>>"), "damaged"),
        "a word in an array": (document(b"[1 obj]"), "damaged"),
        "a text without an end": (document(b"(((a)"), "truncated"),
        "an object without an end": (GOOD.replace(b"endobj", b"endjob", 1), "damaged"),
        "a stream that is not zlib": (
            document(stream(b"not zlib", b"/Filter/FlateDecode")),
            "damaged",
        ),
        "a stream without a length": (document(b"<<>>\nstream\nx\nendstream"), "damaged"),
        "objects whose count is no number": (document(packed(b"", b"/Type/ObjStm")), "damaged"),
        "an end that says no place": (GOOD.replace(b"startxref\n", b"startxref\n/A "), "damaged"),
        "an end without a table": (
            GOOD[: GOOD.index(b"xref")] + b"startxref\n9\n%%EOF",
            "truncated",
        ),
        "a stream that begins on its own line": (
            document(b"<</Length 1>>stream x\nendstream"),
            "damaged",
        ),
        "packed objects that begin in their index": (
            document(packed(b"9 0 10 1 1 1", b"/Type/ObjStm/N 2/First 3")),
            "damaged",
        ),
        "packed objects without numbers": (
            document(packed(b"/A 0 1", b"/Type/ObjStm/N 1/First 5")),
            "damaged",
        ),
        "a table that counts in letters": (document(entries=b"xref\n0 /A\n"), "damaged"),
        "a table without a trailer": (document(entries=b"xref\nobj\n"), "damaged"),
        "a packed table without widths": (table_stream(width=b"(1)"), "damaged"),
        "a packed table of odd widths": (table_stream(width=b"[1 2]"), "damaged"),
        "a packed table of wide widths": (table_stream(width=b"[1 2 900]"), "damaged"),
    },
    "a PDF that cannot be looked at": {
        "objects in LZW": (
            document(stream(b"x", b"/Type/ObjStm/N 1/First 4/Filter/LZWDecode")),
            "unsupported",
        ),
        "objects packed twice": (
            document(stream(b"x", b"/Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode/FlateDecode]")),
            "unsupported",
        ),
        "a packing that another object tells": (
            document(stream(b"x", b"/Type/ObjStm/N 1/First 4/Filter 5 0 R")),
            "unsupported",
        ),
        "an unknown prediction": (
            document(packed(b"9 0 1", b"/Type/ObjStm/N 1/First 4/DecodeParms<</Predictor 2>>")),
            "unsupported",
        ),
        "prediction of coloured pictures": (predicted(b"/Colors 3"), "unsupported"),
        "prediction of rows that are too long": (predicted(columns=65), "unsupported"),
        "prediction of rows of no length": (predicted(columns=0), "unsupported"),
        "prediction by the mean": (predicted(way=3), "unsupported"),
        "prediction told by another object": (
            document(packed(b"9 0 1", b"/Type/ObjStm/N 1/First 4/DecodeParms 5 0 R")),
            "unsupported",
        ),
    },
}  # fmt: skip


def list_cases() -> Iterator[Case]:
    for threat, cases in CASES.items():
        for title, (content, code) in cases.items():
            yield refuse(threat, title, "letter.pdf", content, code, DOCUMENTS)
    for part in range(1, 8):
        cut = GOOD[: len(GOOD) * part // 8]
        yield refuse("a PDF cut off", f"after {part} eighths", "a.pdf", cut, "truncated", DOCUMENTS)
    for title, tail in {
        "an archive": workbook(),
        "a script": SCRIPT,
        "a page": WEB_PAGE,
    }.items():
        yield Case(
            threat="something behind a PDF",
            title=title,
            name="a.pdf",
            make=lambda tail=tail: GOOD + tail,
            code=None,
            payload=tail,
            policy=DOCUMENTS,
        )
