"""Texts put in named values and can do nothing else."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from django_modernize.autotasks import TextInvalid
from django_modernize.autotasks.subjects import get_subject
from django_modernize.autotasks.texts import compile_text

BERLIN = ZoneInfo("Europe/Berlin")
VALUES = {
    "guest": "ann LEE",
    "status": "booked",
    "nights": 3,
    "starts": datetime.datetime(2026, 6, 10, 22, 30, tzinfo=datetime.UTC),
    "day": datetime.date(2026, 6, 10),
    "rate": None,
    "venue_name": "{guest}",
}


def render(source):
    return compile_text(source, get_subject("visit")).render(VALUES, BERLIN)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("For {guest}, {nights} nights", "For ann LEE, 3 nights"),
        ("{guest|title}", "Ann Lee"),
        ("{guest|first_word|upper}", "ANN"),
        ("{status}", "Booked"),
        ("{{guest}}", "{guest}"),
        ("{starts}", "06/11/2026 12:30 a.m."),
        ("{starts|time}", "12:30 a.m."),
        ("{starts|long_date}", "June 11, 2026"),
        ("{day}", "06/10/2026"),
        # A day has no time.
        ("{day|time}.", "."),
        ("{rate}!", "!"),
        # What a value holds is never read as a text again.
        ("{venue_name}", "{guest}"),
        ("%s %(guest)s", "%s %(guest)s"),
    ],
)
def test_a_text_puts_values_in(source, text):
    assert render(source) == text


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{password}", r"\{password\} is none of: day, ends, guest"),
        ("{guest.__class__}", "is none of"),
        ("{guest[0]}", "is none of"),
        ("{guest!r}", "is none of"),
        ("{guest:>1000000}", "is none of"),
        ("{0}", "is none of"),
        ("{}", "is none of"),
        ("{guest|exec}", r"\|exec is none of: date"),
        # The key of a venue is nothing that people read; its name is.
        ("{venue}", r"\{venue\} is none of: .*venue_name"),
        ("{badges}", "is none of"),
        ("a { b", "A brace stands alone at character 3"),
        ("a } b", "A brace stands alone at character 3"),
        ("{a{b}}", "A brace stands alone"),
        ("x" * 10_001, "longer than 10000"),
    ],
)
def test_a_text_that_reaches_further_is_refused(source, problem):
    with pytest.raises(TextInvalid, match=problem):
        compile_text(source, get_subject("visit"))
