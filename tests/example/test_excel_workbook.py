"""A workbook is read wherever its columns are, or refused as a whole with its own reason."""

import random
import re
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from api.services.demo_workbook.spreadsheet import Cell, Sheet, write_spreadsheet
from api.services.excel_import.columns import column_letters
from api.services.excel_import.container import MAX_FILE_BYTES
from api.services.excel_import.errors import (
    AmbiguousColumn,
    EncryptedWorkbook,
    ImportRefused,
    MissingColumn,
    MissingSheet,
    NotAWorkbook,
    OversizedWorkbook,
)
from api.services.excel_import.workbook import read_schedule

from .factories import HEADERS, change_part, change_sheet, make_file, row

SMALL = make_file(row())
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zip_file(**parts):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_rows_and_columns_keep_their_numbers_in_the_file():
    schedule = read_schedule(make_file(row(), {}, row(code="HM0002"), first_row=3))
    assert [one.number for one in schedule.rows] == [4, 6]
    assert schedule.columns["code"].letters == "B"
    assert schedule.columns["start_date"].letters == "I"
    assert schedule.rows[1].cells["code"] == "HM0002"


def test_headers_are_found_in_any_order_case_and_spacing():
    headers = {field: f" {header.upper()}  " for field, header in reversed(list(HEADERS.items()))}
    schedule = read_schedule(make_file(row(), headers=headers))
    assert schedule.rows[0].cells["guest_name"] == "Ada Fenwick"


def test_formulas_below_the_last_booking_make_no_row():
    dragged = {"source": "Owner staying", "same_day_note": 0, "same_day_flag": 0}
    assert len(read_schedule(make_file(row(), dragged, dragged)).rows) == 1


def test_column_letters_go_on_after_z():
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]


def test_the_sheet_is_found_by_its_name_among_others():
    data = make_file(row(), other_sheets=["Trash", "Bed List"])
    assert read_schedule(data).sheet == "Cleaning schedule"
    assert read_schedule(data, sheet=" cleaning SCHEDULE ").sheet == "Cleaning schedule"


def test_the_only_sheet_may_have_any_name():
    assert read_schedule(make_file(row(), sheet="Plan")).sheet == "Plan"


def test_a_missing_sheet_is_named_with_those_that_are_there():
    data = make_file(row(), sheet="Plan", other_sheets=["Trash"])
    with pytest.raises(MissingSheet, match=r"no sheet “Cleaning schedule”.*“Plan”, “Trash”"):
        read_schedule(data)
    with pytest.raises(MissingSheet, match="no sheet “Other”"):
        read_schedule(SMALL, sheet="Other")


def test_missing_columns_are_named():
    headers = {
        field: header for field, header in HEADERS.items() if field not in {"end_date", "status"}
    }
    with pytest.raises(MissingColumn, match=r"no columns “Status”, “End date” \(looked in row 1"):
        read_schedule(make_file(row(), headers=headers))


def test_a_sheet_without_any_header_is_refused():
    with pytest.raises(MissingColumn, match="looked in its first rows"):
        read_schedule(make_file(headers={}))


def test_a_header_that_stands_twice_is_refused():
    with pytest.raises(AmbiguousColumn, match="“Status” in columns C and P"):
        read_schedule(make_file(row(), headers={**HEADERS, "source": "Status"}))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"code;status;guest\n1;2;3\n", "of another kind"),
        (b"%PDF-1.7 ...", "of another kind"),
        (OLE + b"\x00" * 600, "old .xls format"),
        (SMALL[:-200], "container is damaged"),
        (b"PK\x03\x04" + b"\x00" * 100, "container is damaged"),
        (zip_file(**{"word/document.xml": "<a/>"}), "no list of sheets"),
        (zip_file(**{"xl/workbook.xml": "<workbook"}), "names no parts|damaged"),
        (change_part(SMALL, "xl/workbook.xml", lambda text: text[:100]), "index is damaged"),
        (change_sheet(SMALL, lambda text: text[: len(text) // 2]), "is damaged"),
    ],
)
def test_what_is_no_workbook_says_why(data, reason):
    with pytest.raises(NotAWorkbook, match=reason):
        read_schedule(data)


def test_an_encrypted_workbook_says_what_to_do():
    data = OLE + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedWorkbook, match="remove the password"):
        read_schedule(data)


def test_an_encrypted_container_is_refused():
    data = bytearray(SMALL)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = data.find(signature)
        while position >= 0:
            data[position + offset] |= 1
            position = data.find(signature, position + 4)
    with pytest.raises(EncryptedWorkbook):
        read_schedule(bytes(data))


def test_a_file_that_is_too_large_is_not_opened():
    with pytest.raises(OversizedWorkbook, match="more than 20 MB"):
        read_schedule(SMALL + b"\x00" * MAX_FILE_BYTES)


def test_a_zip_bomb_is_refused_by_its_ratio():
    data = zip_file(**{"xl/workbook.xml": "<a/>", "xl/bomb.xml": b"\x00" * 9_000_000})
    with pytest.raises(OversizedWorkbook, match="200 times"):
        read_schedule(data)


def test_a_list_of_sheets_without_end_is_refused():
    data = zip_file(**{"xl/workbook.xml": random.Random(1).randbytes(2_000_000)})
    with pytest.raises(OversizedWorkbook, match=r"its part xl/workbook.xml has more than 1 MB"):
        read_schedule(data)


def test_a_part_that_lies_about_its_size_is_cut_off():
    data = bytearray(zip_file(**{"xl/workbook.xml": b" " * 3_000_000}))
    for position in (data.find(b"PK\x03\x04") + 22, data.rfind(b"PK\x01\x02") + 24):
        data[position : position + 4] = (100).to_bytes(4, "little")
    with pytest.raises(ImportRefused):
        read_schedule(bytes(data))


def with_cell(cell):
    return change_sheet(SMALL, lambda text: text.replace("</sheetData>", f"{cell}</sheetData>"))


HOSTILE_CELLS = {
    "the last cell of a sheet": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "a reference without a row": '<row><c r="XFD1048576"><v>1</v></c></row>',
    "a row number alone": '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="ZZ1048576"/></row>',
    "single quotes": "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "spaces around the sign": '<row r = "9"><c r = "XFD1048576"><v>1</v></c></row>',
    "a line feed before the name": '<row\nr="9"><c\nr="XFD1048576"><v>1</v></c></row>',
    "a later attribute": '<row r="9"><c s="0" r="XFD1048576"><v>1</v></c></row>',
    "a closing sign in a value": '<row r="9"><c x=">" r="XFD1048576"><v>1</v></c></row>',
    "a prefix": '<x:row xmlns:x="u" r="9"><x:c r="XFD1048576"><v>1</v></x:c></x:row>',
    "small letters": '<row r="9"><c r="xfd1048576"><v>1</v></c></row>',
    "a number that overflows": '<row r="9"><c r="A99999999999"><v>1</v></c></row>',
    "letters that overflow": '<row r="9"><c r="ZZZZZZZ9"><v>1</v></c></row>',
    "no space before an attribute": '<row r="9"><c r="A9"r="XFD1048576"><v>1</v></c></row>',
    "an entity": '<row r="9"><c r="&#88;FD1048576"><v>1</v></c></row>',
    "a row of cells without references": f"<row r='9'>{'<c><v>1</v></c>' * 2_500}</row>",
    "no references": f'<row r="900000"></row>{"<row>" + "<c><v>1</v></c>" * 50 + "</row>"}',
}


@pytest.mark.parametrize("cell", HOSTILE_CELLS.values(), ids=HOSTILE_CELLS)
def test_a_far_cell_cannot_make_the_reader_ask_for_gigabytes(cell):
    data = with_cell(cell)
    tracemalloc.start()
    try:
        with pytest.raises((OversizedWorkbook, NotAWorkbook)):
            read_schedule(data)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_one_long_text_in_many_cells_is_refused():
    rows = [{"A": Cell(value="long " * 10_000)}] * 3_000
    data = write_spreadsheet([Sheet(name="Cleaning schedule", rows=rows)])
    with pytest.raises(OversizedWorkbook, match=r"may stand in 3,000 cells|200 times"):
        read_schedule(data)


def test_cells_without_references_are_read_in_a_sheet_of_usual_size():
    bare = change_sheet(
        make_file(*[row(code=f"HM{number}") for number in range(20)]),
        lambda text: re.sub(r'<c r="[A-Z]+[0-9]+"', "<c", text),
    )
    # Without references the leading empty column is gone, which headers do not mind.
    assert len(read_schedule(bare).rows) == 20


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_document_type_is_refused(part):
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'
    data = change_part(
        SMALL,
        part,
        lambda text: text.replace("?>", f"?>{bomb}", 1) if "?>" in text else bomb + text,
    )
    with pytest.raises(NotAWorkbook):
        read_schedule(data)


def test_a_date_counts_from_1904_where_the_workbook_says_so():
    data = change_part(
        SMALL,
        "xl/workbook.xml",
        lambda text: text.replace("<workbookPr ", '<workbookPr date1904="1" '),
    )
    shifted = read_schedule(data).rows[0].cells["start_date"]
    assert (shifted - read_schedule(SMALL).rows[0].cells["start_date"]).days == 1462
