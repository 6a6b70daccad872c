"""Honest workbooks and PDF files of several writers are accepted, and stay what they were."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pikepdf
import pypdf
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from django_modernize.uploads import DOCUMENTS, SPREADSHEETS, inspect
from tests.documents import document, object_stream, packed
from tests.images import make_png, upload
from tests.workbooks import SHEET, sheet, workbook

NOW = datetime(2026, 11, 27, 9, 30)


def draw_formulas(book, page):
    page["G1"] = "=SUM(B1:B8)&\"|\"&'Plan'!A1"


def draw_links(book, page):
    page["A1"].hyperlink = "https://example.org/?a=1&b=2"
    page["A2"].hyperlink = "mailto:a@example.org"
    page["A3"].hyperlink = "#Plan!A1"


def draw_comment(book, page):
    page["A1"].comment = Comment("a note", "Ada")


def draw_chart(book, page):
    chart = BarChart()
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=8))
    page.add_chart(chart, "H1")


def draw_image(book, page):
    page.add_image(openpyxl.drawing.image.Image(io.BytesIO(make_png(9, 9))), "H1")


def draw_table(book, page):
    page.insert_rows(1)
    for column in range(1, 7):
        page.cell(1, column, f"h{column}")
    page.add_table(Table(displayName="T", ref="A1:F9"))


def draw_validation(book, page):
    check = DataValidation(type="list", formula1='"a,b|c"')
    page.add_data_validation(check)
    check.add("A1")


def draw_sheets(book, page):
    for number in range(20):
        book.create_sheet(f"Sheet «{number}»").append([number])


def draw_names(book, page):
    book.defined_names["place"] = openpyxl.workbook.defined_name.DefinedName(
        "place", attr_text="Plan!$A$1"
    )


def draw_wide(book, page):
    page.cell(1, 1_500, "far")


def draw_long(book, page):
    page.cell(20_000, 1, "far")


def draw_protected(book, page):
    page.protection.set_password("x")


def draw_merged(book, page):
    page.merge_cells("A1:B2")
    page.freeze_panes = "A2"


OPENPYXL = {
    "formulas": draw_formulas,
    "links": draw_links,
    "comment": draw_comment,
    "chart": draw_chart,
    "image": draw_image,
    "table": draw_table,
    "validation": draw_validation,
    "sheets": draw_sheets,
    "names": draw_names,
    "wide": draw_wide,
    "long": draw_long,
    "protected": draw_protected,
    "merged": draw_merged,
}


def write_with_openpyxl(feature: str) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Plan"
    for number in range(1, 9):
        page.append([f"text {number}", number, number / 3, NOW, date(2026, 1, number), True])
    if feature in OPENPYXL:
        OPENPYXL[feature](book, page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def add_formulas(book, page):
    page.write_formula("G1", "=XLOOKUP(1,B1:B8,A1:A8)")
    page.write_dynamic_array_formula("H1", "=SORT(B1:B8)")


def add_links(book, page):
    page.write_url("H1", "https://example.org")
    page.write_url("H2", "internal:Plan!A1")


def add_image(book, page):
    page.insert_image("H1", "a.png", {"image_data": io.BytesIO(make_png(9, 9))})


def add_embedded_image(book, page):
    page.embed_image("H1", "a.png", {"image_data": io.BytesIO(make_png(9, 9))})


def add_header_image(book, page):
    page.set_header("&L&G", {"image_left": "a.png", "image_data_left": io.BytesIO(make_png(9, 9))})


def add_chart(book, page):
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Plan!$B$1:$B$8"})
    page.insert_chart("H1", chart)


def add_conditions(book, page):
    page.conditional_format("B1:B8", {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format("A1:A8", {"type": "formula", "criteria": '=$A1="x"'})


def add_sparkline(book, page):
    page.add_sparkline("H1", {"range": "Plan!B1:B8"})


def add_comment(book, page):
    page.write_comment("A1", "a note")


def add_properties(book, page):
    book.set_properties({"title": "A title", "author": "Ada"})
    book.set_custom_property("House", "Birch")


def add_rich_text(book, page):
    bold = book.add_format({"bold": True})
    page.write_rich_string("A1", "a ", bold, "bold", " word")


XLSXWRITER = {
    "formulas": add_formulas,
    "links": add_links,
    "image": add_image,
    "embedded image": add_embedded_image,
    "header image": add_header_image,
    "chart": add_chart,
    "conditions": add_conditions,
    "sparkline": add_sparkline,
    "comment": add_comment,
    "properties": add_properties,
    "rich text": add_rich_text,
}


def write_with_xlsxwriter(feature: str) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": feature == "inline texts"})
    page = book.add_worksheet("Plan")
    for number in range(8):
        page.write_row(number, 0, [f"text {number}", number, number / 3])
    if feature in XLSXWRITER:
        XLSXWRITER[feature](book, page)
    book.close()
    return target.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


WORKBOOKS = {
    **{
        f"openpyxl: {feature}": lambda feature=feature: write_with_openpyxl(feature)
        for feature in (
            *("plain", "formulas", "links", "comment", "chart", "image", "table", "validation"),
            *("sheets", "names", "wide", "long", "protected", "merged"),
        )
    },
    **{
        f"XlsxWriter: {feature}": lambda feature=feature: write_with_xlsxwriter(feature)
        for feature in (
            *("plain", "inline texts", "formulas", "links", "image", "embedded image"),
            *("header image", "chart", "conditions", "sparkline", "comment", "properties"),
            "rich text",
        )
    },
    "by hand": workbook,
    "by hand, not packed": lambda: workbook(method=0),
    "by hand, no references": lambda: workbook(
        {SHEET: sheet("<row><c><v>1</v></c><c><v>2</v></c></row>")}
    ),
}


@pytest.mark.parametrize("writer", WORKBOOKS)
def test_an_honest_workbook_is_accepted_with_all_its_parts(writer):
    content = WORKBOOKS[writer]()
    verdict = inspect(upload(content, "Plan.xlsx"), SPREADSHEETS)
    assert verdict.is_accepted, verdict.findings[-1]
    assert unpack(verdict.content) == unpack(content)
    again = inspect(upload(verdict.content, "Plan.xlsx"), SPREADSHEETS)
    assert again.content == verdict.content


def draw_with_reportlab(pages: int = 1, **options) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, **options)
    for number in range(pages):
        canvas.setTitle("A (title) \\ ž")
        canvas.drawString(72, 700, f"Page {number} (of {pages})")
        canvas.linkURL("https://example.org/a(b)", (72, 690, 200, 720))
        canvas.bookmarkPage(str(number))
        canvas.addOutlineEntry(f"Page {number}", str(number))
        canvas.acroForm.textfield(name=f"field{number}", x=72, y=600)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def draw_with_pillow(mode: str, pages: int = 1) -> bytes:
    target = io.BytesIO()
    picture = Image.linear_gradient("L").convert(mode)
    picture.save(target, "PDF", save_all=True, append_images=[picture] * (pages - 1))
    return target.getvalue()


def write_with_pypdf(source: bytes, *, incremental: bool = False, pack: bool = False) -> bytes:
    if incremental:
        writer = pypdf.PdfWriter(io.BytesIO(source), incremental=True)
    else:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(source))
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": "ž (a)"})
    if pack:
        writer.compress_identical_objects()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def write_with_pikepdf(source: bytes, **options) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(source)) as opened:
        opened.save(target, **options)
    return target.getvalue()


PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
PDFS = {
    "reportlab": draw_with_reportlab,
    "reportlab, packed": lambda: draw_with_reportlab(9, pageCompression=1),
    "reportlab, 1.4": lambda: draw_with_reportlab(2, pdfVersion=(1, 4)),
    "reportlab, invariant": lambda: draw_with_reportlab(2, invariant=1),
    "reportlab, 100 pages": lambda: draw_with_reportlab(100),
    **{
        f"Pillow, {mode}": lambda mode=mode: draw_with_pillow(mode)
        for mode in ("L", "RGB", "CMYK", "1", "P", "LA", "RGBA")
    },
    "Pillow, pages": lambda: draw_with_pillow("RGB", 5),
    "pypdf": lambda: write_with_pypdf(draw_with_reportlab(3)),
    "pypdf, saved again": lambda: write_with_pypdf(draw_with_reportlab(3), incremental=True),
    "pypdf, packed": lambda: write_with_pypdf(draw_with_reportlab(3), pack=True),
    "pypdf, of images": lambda: write_with_pypdf(draw_with_pillow("RGB", 2)),
    "pypdf, saved again and packed": lambda: write_with_pypdf(
        write_with_pikepdf(draw_with_reportlab(3), **PACKED), incremental=True
    ),
    "pikepdf": lambda: write_with_pikepdf(draw_with_reportlab(3)),
    "pikepdf, packed": lambda: write_with_pikepdf(draw_with_reportlab(3), **PACKED),
    "pikepdf, for the web": lambda: write_with_pikepdf(draw_with_reportlab(3), linearize=True),
    "pikepdf, both": lambda: write_with_pikepdf(draw_with_reportlab(3), linearize=True, **PACKED),
    "pikepdf, to be read": lambda: write_with_pikepdf(draw_with_reportlab(3), qdf=True),
    "pikepdf, 2.0": lambda: write_with_pikepdf(draw_with_reportlab(3), force_version="2.0"),
    "by hand": document,
    "by hand, packed": lambda: document(object_stream({9: b"<</A 5 0 R>>", 10: b"5 0 R"})),
    "by hand, a length elsewhere": lambda: document(
        b"<</Length 5 0 R>>\nstream\nabc\nendstream", b"3"
    ),
    "by hand, links": lambda: document(
        packed(b"BT ET"), b"(mailto:a@example.org)", page=b"/Annots[<</A<</S/URI/URI 5 0 R>>>>]"
    ),
}


@pytest.mark.parametrize("writer", PDFS)
def test_an_honest_pdf_is_accepted_as_it_came(writer):
    content = PDFS[writer]()
    verdict = inspect(upload(content, "Letter.pdf"), DOCUMENTS)
    assert verdict.is_accepted, verdict.findings[-1]
    assert verdict.content == content[: len(verdict.content)]
    assert verdict.facts["pages"] >= len(pypdf.PdfReader(io.BytesIO(content)).pages)


def test_there_are_as_many_honest_files_as_were_meant_to_be():
    assert len(WORKBOOKS) >= 25
    assert len(PDFS) >= 25


def test_an_encrypted_pdf_is_called_encrypted():
    encryption = pikepdf.Encryption(owner="a", user="b")
    for options in ({}, PACKED):
        content = write_with_pikepdf(draw_with_reportlab(), encryption=encryption, **options)
        assert inspect(upload(content, "a.pdf"), DOCUMENTS).code == "encrypted"


def test_what_a_writer_attaches_or_scripts_is_refused():
    with pikepdf.open(io.BytesIO(draw_with_reportlab())) as opened:
        opened.attachments["a.txt"] = b"x"
        target = io.BytesIO()
        opened.save(target, **PACKED)
    assert inspect(upload(target.getvalue(), "a.pdf"), DOCUMENTS).code == "embedded_files"
    with pikepdf.open(io.BytesIO(draw_with_reportlab())) as opened:
        opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        target = io.BytesIO()
        opened.save(target, **PACKED)
    assert inspect(upload(target.getvalue(), "a.pdf"), DOCUMENTS).code == "scripts"


def test_a_policy_may_tolerate_what_it_names_and_nothing_else():
    scripted = document(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>")
    launched = document(catalog=b"/OpenAction<</S/Launch/JS(x)>>")
    lenient = DOCUMENTS.replace(tolerated=frozenset({"scripts"}))
    assert inspect(upload(scripted, "a.pdf"), lenient).is_accepted
    assert inspect(upload(launched, "a.pdf"), lenient).code == "actions"
