"""A file of text is read as people's programs write it, and refused with its reason."""

import pytest

from api.services.excel_import import text_file, workbook
from api.services.excel_import.errors import ImportRefused, TooManyBookings
from api.services.excel_import.text_file import decode_text, read_text_file
from api.services.excel_import.workbook import read_schedule

from .factories import HEADERS, make_file, row

HEAD = [HEADERS[name] for name in ("code", "guest_name", "start_date", "end_date")]
REQUIRED = ("guest_name", "start_date", "end_date")


def write(*records, delimiter=","):
    return "\n".join(delimiter.join(record) for record in (HEAD, *records))


def read(text):
    schedule = read_text_file(text, required=REQUIRED)
    return list(schedule.rows)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"x" * 11, "too_large"),
        (b"PK\x03\x04\x00", "type_mismatch"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data, code):
    with pytest.raises(ImportRefused) as refused:
        decode_text(data, limit=10)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "data", ["Zoë".encode(), b"\xef\xbb\xbf" + "Zoë".encode(), "Zoë".encode("cp1252")]
)
def test_a_text_of_windows_is_read_like_one_in_utf8(data):
    assert decode_text(data) == "Zoë"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_understood(delimiter):
    text = write(["HM1", "Ada", "2026-12-18", "2026-12-21"], delimiter=delimiter)
    assert len(read(text)) == 1


def test_a_row_that_ends_early_is_read_and_an_empty_one_passed_over():
    assert len(read(write(["HM1", "Ada"], [], ["", "", "", ""], ["HM2"]))) == 2


def test_a_file_with_more_rows_or_columns_than_an_import_takes_is_refused(monkeypatch):
    rows = [["HM1", "Ada", "2026-12-18", "2026-12-21"]] * 3
    monkeypatch.setattr(text_file, "MAX_TEXT_ROWS", 3)
    assert len(read(write(*rows))) == 3
    with pytest.raises(TooManyBookings, match="more than 3 bookings"):
        read(write(*rows, *rows))
    monkeypatch.setattr(text_file, "MAX_TEXT_COLUMNS", 4)
    with pytest.raises(ImportRefused, match=r"Row 5 has too many columns") as refused:
        read(write(*rows, ["x"] * 5))
    assert refused.value.code == "too_many_columns"


def test_a_cell_that_no_program_would_write_is_refused_with_its_row():
    with pytest.raises(ImportRefused, match="Row 2") as refused:
        read(write(["HM1", "x" * 200_000]))
    assert refused.value.code == "damaged"


def test_a_workbook_with_more_rows_than_an_import_takes_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_BOOKING_ROWS", 2)
    assert len(read_schedule(make_file(row(), row(code="HM2"))).rows) == 2
    with pytest.raises(TooManyBookings):
        read_schedule(make_file(row(), row(code="HM2"), row(code="HM3")))
