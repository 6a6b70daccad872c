"""What a cell holds becomes a value, or a complaint that a person understands."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.excel_import.cells import (
    CellProblem,
    read_count,
    read_date,
    read_money,
    read_nights,
    read_text,
)
from api.services.excel_import.words import (
    derive_source,
    label_key,
    match_source,
    match_status,
    name_key,
    repair_encoding,
    strip_code_words,
)

ANY_CELL = st.one_of(
    st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.times()
)


@pytest.mark.parametrize(
    "value",
    [date(2026, 12, 18), datetime(2026, 12, 18, 15, 30), 46374.0, "2026-12-18", "12/18/2026"],
)
def test_a_date_is_read_however_the_cell_holds_it(value):
    assert read_date(value) == date(2026, 12, 18)


@pytest.mark.parametrize("value", ["31 Febuary", "2026-02-30", "18/12/2026", float("nan"), 1e30])
def test_a_text_that_is_no_date_is_named(value):
    with pytest.raises(CellProblem, match="is not a date"):
        read_date(value)


@pytest.mark.parametrize("value", [date(1900, 1, 3), date(206, 1, 1), 3.0, "01/01/2150"])
def test_a_date_outside_the_century_is_refused(value):
    with pytest.raises(CellProblem, match="is not between 2000 and 2099"):
        read_date(value)


def test_an_empty_cell_says_nothing():
    assert [read(" ") for read in (read_date, read_count, read_money, read_nights)] == [None] * 4
    assert read_text("  ", max_length=5) == ""


@pytest.mark.parametrize("value", [5.0, 5, "5", " 5.0 "])
def test_a_count_may_be_saved_as_a_float(value):
    assert read_count(value) == 5


@pytest.mark.parametrize("value", [2.5, -1.0, 1000.0, "many", True, float("inf")])
def test_a_count_that_is_none_is_refused(value):
    with pytest.raises(CellProblem, match="is not a"):
        read_count(value)


def test_money_is_read_as_number_and_as_text():
    assert read_money(2171.6700000000001) == Decimal("2171.67")
    assert read_money("$13,518.80") == Decimal("13518.80")


@pytest.mark.parametrize("value", ["a lot", 1e9, "NaN", "1E+999999999", True])
def test_an_amount_that_cannot_be_stored_is_refused(value):
    with pytest.raises(CellProblem, match="is not an amount"):
        read_money(value)


@pytest.mark.parametrize(
    ("shown", "nights"),
    [
        (date(1900, 1, 3), 3),
        (date(1900, 2, 28), 59),
        (date(1900, 3, 1), 61),
        (date(1901, 1, 14), 380),
    ],
)
def test_nights_that_the_sheet_shows_as_a_date_in_1900_are_a_count(shown, nights):
    assert read_nights(shown) == nights


def test_a_code_of_digits_keeps_no_decimal_point():
    assert read_text(12345.0, max_length=10) == "12345"


def test_control_characters_do_not_reach_the_database():
    assert read_text("a\x00b\ud800 \x07c", max_length=10) == "ab c"


def test_a_long_text_is_refused_with_both_lengths():
    with pytest.raises(CellProblem, match="has 6 characters; at most 5 fit"):
        read_text("abcdef", max_length=5)


@given(ANY_CELL)
def test_no_cell_breaks_a_reader(value):
    for read in (read_date, read_count, read_money, read_nights):
        try:
            read(value)
        except CellProblem as problem:
            assert len(str(problem)) < 120


@given(ANY_CELL)
def test_texts_can_be_stored(value):
    text = read_text(value, max_length=10_000)
    assert "\x00" not in text
    text.encode()


def test_labels_match_whatever_their_case_and_spaces():
    assert label_key("  8107  MERLIN St") == label_key("8107 merlin st")


def test_a_label_does_not_match_a_part_of_another():
    assert label_key("26th") != label_key("126th")


@pytest.mark.parametrize("name", ["Bjørn Núñez", "Zoë Brontë", "Łukasz Żak", "O\u2019Neill"])
def test_a_name_with_a_broken_encoding_is_the_same_name(name):
    broken = name.encode().decode("latin-1")
    assert repair_encoding(broken) == name
    assert name_key(broken) == name_key(name)


@pytest.mark.parametrize("name", ["Ada Fenwick", "Bjørn Núñez", "Ângela", "Ã", "平田"])
def test_a_sound_name_is_not_repaired(name):
    assert repair_encoding(name) == name


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Confirmed", "confirmed"),
        (" booked ", "booked"),
        ("Currently hosting", "currently_hosting"),
        ("Checking out today", "currently_hosting"),
        ("Owner staying", "owner_staying"),
        ("Canceled by guest", "cancelled"),
        ("Arriving in 3 days", "confirmed"),
        ("", "booked"),
        ("Perhaps", None),
    ],
)
def test_the_words_for_a_status_are_known(word, status):
    assert match_status(word) == status


@pytest.mark.parametrize(
    ("cell", "code", "source"),
    [
        ("HMYBK155OX", "HMYBK155OX", "Airbnb"),
        ("HA-TIB2PT", "HA-TIB2PT", "Vrbo"),
        ("Directly", "", "Direct"),
        ("Owner staying", "", "Owner"),
        ("", "", "Owner"),
    ],
)
def test_the_code_column_tells_code_and_source_apart(cell, code, source):
    assert strip_code_words(cell) == code
    assert derive_source(cell) == source


def test_an_unknown_source_is_kept_as_it_is():
    assert match_source("AIRBNB") == "Airbnb"
    assert match_source("Hostelworld") == "Hostelworld"
