"""No text of a file for a spreadsheet becomes a formula, however the file is split."""

import csv
import io
import re

import pytest

from django_modernize.spreadsheets import disarm_cell

STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        " =1+1",
        '"=1+1',
        "\t=1+1",
        "\r\n=1+1",
        "\uff1d1+1",
        "@SUM(A1)",
        "Ann;=1+1",
        'Ann; "=1+1;"',
        "Ann\t-1",
        "Ann|+1",
        "Ann\n=1+1\r@1",
    ],
)
def test_no_cell_begins_as_a_formula_whatever_a_program_splits_at(text, separator):
    written = io.StringIO()
    csv.writer(written).writerow(["first", disarm_cell(text), "last"])
    lines = re.split(r"[\r\n]+", written.getvalue())
    cells = [cell for line in lines for cell in line.split(separator)]
    cells += [cell for row in csv.reader(io.StringIO(written.getvalue())) for cell in row]
    assert not [cell for cell in cells if cell.strip(' \t\r\n"').startswith(STARTS)]


@pytest.mark.parametrize("value", ["Ann-Kathrin", "a = b", "me@example.com", -5, 2.5, True])
def test_what_is_no_formula_stays_as_it_is(value):
    assert disarm_cell(value) == value
