"""The text of a row is taken apart to the last character, and nothing else passes for one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from django_modernize.audit.changes import join_members, parse_changes, split_members
from django_modernize.audit.row_texts import (
    RowKind,
    quote_value,
    read_row,
    render_layout,
    split_row,
)

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
SIDES = st.sampled_from(["old", "new"])
FIELDS = st.dictionaries(NAMES, st.none() | st.text(max_size=6), max_size=5)


def write_row(side, fields, kind=RowKind.STRING):
    """Return what PostgreSQL would write for some texts."""
    values = ["" if value is None else quote_value(value) for value in fields.values()]
    return f"{render_layout(side, [(name, kind) for name in fields])}({','.join(values)})"


@given(SIDES, FIELDS)
def test_any_texts_come_back_from_the_text_of_a_row(side, fields):
    expected = {
        name: [value, None] if side == "old" else [None, value]
        for name, value in fields.items()
        if value is not None
    }
    assert parse_changes(write_row(side, fields)) == expected


@given(SIDES, FIELDS)
def test_members_of_a_row_are_put_together_as_they_were(side, fields):
    text = write_row(side, fields)
    layout, members = split_members(text)
    assert len(members) == len(fields)
    assert join_members(layout, members) == text


@given(SIDES, FIELDS, st.text(min_size=1, max_size=3))
def test_what_was_added_to_a_row_is_not_overlooked(side, fields, more):
    text = write_row(side, fields)
    assert split_members(text + more) != split_members(text)


@given(st.dictionaries(NAMES, st.none() | st.integers() | st.lists(st.text()), max_size=4))
def test_json_in_a_row_comes_back(fields):
    texts = {name: None if value is None else json.dumps(value) for name, value in fields.items()}
    found = read_row(write_row("new", texts, RowKind.JSON))
    expected = {name: [None, value] for name, value in fields.items() if value is not None}
    assert found == expected


def test_times_come_back_as_json_has_them():
    times = {
        "whole": "2026-01-02 03:04:05+00",
        "fraction": "2026-01-02 03:04:05.000006+00",
        "early": "0044-03-15 00:00:00+00 BC",
        "endless": "infinity",
    }
    found = read_row(write_row("new", times, RowKind.MOMENT))
    assert {name: value for name, (_, value) in found.items()} == {
        "whole": "2026-01-02T03:04:05+00:00",
        "fraction": "2026-01-02T03:04:05.000006+00:00",
        "early": "0044-03-15T00:00:00+00:00 BC",
        "endless": "infinity",
    }


def test_a_value_that_is_not_of_its_kind_is_shown_as_it_is():
    for kind in (RowKind.JSON, RowKind.BOOLEAN, RowKind.MOMENT):
        assert read_row(write_row("old", {"a": "[erased]"}, kind)) == {"a": ["[erased]", None]}


def test_only_the_text_of_a_row_is_taken_for_one():
    for text in ("", "old", "old (", "old a:s(1,2)", "older a:s(1)", "old a:s(1)x", "old a:s(1"):
        assert split_row(text) is None
