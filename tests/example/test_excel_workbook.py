"""A workbook is read wherever its columns are, or refused as a whole with its own reason."""

import re

import pytest

from api.models.import_plan import WORKBOOKS
from api.services.excel_import.columns import column_letters
from api.services.excel_import.errors import (
    AmbiguousColumn,
    MissingColumn,
    MissingSheet,
    RefusedWorkbook,
)
from api.services.excel_import.workbook import read_schedule

from .factories import HEADERS, change_part, change_sheet, make_file, row

SMALL = make_file(row())
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


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


def with_cell(cell):
    return change_sheet(SMALL, lambda text: text.replace("</sheetData>", f"{cell}</sheetData>"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"code;status;guest\n1;2;3\n", "unknown_type"),
        (b"%PDF-1.7 ...", "type_not_allowed"),
        (OLE + b"\x00" * 600, "unsupported"),
        (OLE + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (SMALL[:-200], "truncated"),
        (change_part(SMALL, "xl/workbook.xml", lambda text: text[:100]), "damaged"),
        (change_sheet(SMALL, lambda text: text[: len(text) // 2]), "damaged"),
        (with_cell('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "cells"),
        (SMALL + b"\x00" * WORKBOOKS.max_bytes, "too_large"),
    ],
    # Not the bytes: a workbook tells when it was made, and processes have to agree on the tests.
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_file_that_the_policy_refuses_is_refused_with_its_code(data, code):
    with pytest.raises(RefusedWorkbook) as caught:
        read_schedule(data)
    assert caught.value.code == code
    assert str(caught.value)


def test_cells_without_references_are_read_in_a_sheet_of_usual_size():
    bare = change_sheet(
        make_file(*[row(code=f"HM{number}") for number in range(20)]),
        lambda text: re.sub(r'<c r="[A-Z]+[0-9]+"', "<c", text),
    )
    # Without references the leading empty column is gone, which headers do not mind.
    assert len(read_schedule(bare).rows) == 20


def test_a_date_counts_from_1904_where_the_workbook_says_so():
    data = change_part(
        SMALL,
        "xl/workbook.xml",
        lambda text: text.replace("<workbookPr", '<workbookPr date1904="1"', 1),
    )
    shifted = read_schedule(data).rows[0].cells["start_date"]
    assert (shifted - read_schedule(SMALL).rows[0].cells["start_date"]).days == 1462
