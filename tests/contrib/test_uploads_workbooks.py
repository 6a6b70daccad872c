"""A workbook is read within bounds that are asserted before any reader sees it."""

import io
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter

from django_modernize.exceptions import SheetMissing
from django_modernize.uploads import UploadRejected
from django_modernize.uploads.workbooks import read_workbook
from tests.images import upload
from tests.workbooks import SHEET, sheet, workbook

NOW = datetime(2026, 11, 27, 9, 30)


def write_plan(*more: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Plan"
    for number in range(1, 9):
        book.active.append([f"text {number}", number, number / 3, NOW, date(2026, 1, number), True])
    for name in more:
        book.create_sheet(name)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_rows_are_read_as_values_from_the_first_cell_on():
    read = read_workbook(upload(write_plan(), "Plan.xlsx"), sheet=" PLAN ")
    assert read.sheet == "Plan"
    assert read.rows[0] == ["text 1", 1.0, 1 / 3, NOW, date(2026, 1, 1), True]
    assert len(read.rows) == 8


def test_the_first_sheet_is_read_where_none_is_named():
    content = upload(write_plan("Sheet «0»"), "Plan.xlsx")
    assert read_workbook(content).sheet == "Plan"
    with pytest.raises(SheetMissing, match=r"no sheet “Other”.*“Plan”, “Sheet «0»”"):
        read_workbook(content, sheet="Other")
    with pytest.raises(SheetMissing):
        read_workbook(content, default_sheet="Other")


def test_a_refused_workbook_is_not_read():
    far = workbook({SHEET: sheet('<row r="1048576"><c r="XFD1048576"/></row>')})
    with pytest.raises(UploadRejected) as caught:
        read_workbook(upload(far, "Plan.xlsx"))
    assert caught.value.code == "cells"


def test_one_long_text_in_many_cells_is_not_read():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    for number in range(3_000):
        page.write_string(number, 0, "long " * 6_000)
    book.close()
    with pytest.raises(UploadRejected) as caught:
        read_workbook(upload(target.getvalue(), "Plan.xlsx"))
    assert caught.value.code == "unpacked_size"


def test_a_sheet_that_the_reader_cannot_read_is_refused():
    broken = sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')
    with pytest.raises(UploadRejected) as caught:
        read_workbook(upload(workbook({SHEET: broken}), "Plan.xlsx"))
    assert caught.value.code == "damaged"
