"""The database and Python answer each condition alike; a wrong one names its node."""

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_modernize.autotasks import ConditionInvalid
from django_modernize.autotasks.conditions.evaluation import Facts, evaluate
from django_modernize.autotasks.conditions.nodes import list_leaves
from django_modernize.autotasks.conditions.parsing import parse_condition
from django_modernize.autotasks.conditions.queries import is_answered_by_database, make_query
from django_modernize.autotasks.rows import load_subjects
from django_modernize.autotasks.rules import compile_rules
from django_modernize.autotasks.subjects import get_subject
from tests.testapp.models import Badge, DutyTemplate, Venue, Visit

UTC = datetime.UTC
TEXTS = st.sampled_from(["", "a", "A", "ab", "Äb", "b%", "_", "50%", "\\", "ann lee"])
DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 1, 9))
INSTANTS = st.datetimes(
    datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 3), timezones=st.just(UTC)
)
RATES = st.decimals(0, 3, places=2)
VALUES = {
    "status": st.sampled_from(["booked", "confirmed"]),
    "guest": TEXTS,
    "venue_name": st.sampled_from(["Barn", "barn", "Mill"]),
    "nights": st.integers(0, 4),
    "rate": RATES.map(str),
    "vip": st.booleans(),
    "day": DAYS.map(str),
    "starts": INSTANTS.map(datetime.datetime.isoformat),
    "badges": st.integers(1, 4),
    "wishes": st.integers(1, 4),
}
SEVERAL = ("in", "has_any", "has_all")
WORDS = {
    "status": ["equals", "in", "empty"],
    "guest": ["equals", "in", "contains", "starts_with", "empty"],
    "venue_name": ["equals", "contains", "starts_with"],
    "nights": ["equals", "in", "less", "more", "range", "empty"],
    "rate": ["equals", "less", "more", "range", "empty"],
    "vip": ["equals", "empty"],
    "day": ["equals", "in", "less", "more", "range", "weekday", "empty"],
    "starts": ["less", "more", "range", "empty"],
    "badges": ["has_any", "has_all", "empty"],
    "wishes": ["has_any", "has_all", "empty"],
}


@st.composite
def comparisons(draw):
    name = draw(st.sampled_from(sorted(WORDS)))
    word = draw(st.sampled_from(WORDS[name]))
    leaf = {"field": name, "is": word}
    if word == "empty":
        return leaf
    if word == "weekday":
        return leaf | {"value": draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))}
    if word in SEVERAL:
        return leaf | {"value": draw(st.lists(VALUES[name], min_size=1, max_size=3))}
    if word == "range":
        ends = st.lists(VALUES[name], min_size=2, max_size=2)
        low, high = sorted(draw(ends), key=Decimal if name == "rate" else None)
        return leaf | {"value": {"from": low, "to": high}}
    return leaf | {"value": draw(VALUES[name])}


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(inner, max_size=3).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {
        "status": VALUES["status"],
        "guest": TEXTS,
        "nights": st.none() | VALUES["nights"],
        "rate": st.none() | RATES,
        "vip": st.none() | st.booleans(),
        "day": st.none() | DAYS,
        "starts": st.none() | INSTANTS,
        "venue": st.sampled_from([0, 1]),
    }
)
BADGES = st.sets(st.integers(1, 4))


class ParityTests(TestCase):
    @settings(max_examples=120, deadline=None)
    @given(
        st.lists(st.tuples(ROWS, BADGES), min_size=1, max_size=6),
        BADGES,
        st.lists(CONDITIONS, min_size=1, max_size=3),
    )
    def test_the_database_and_python_agree(self, drawn, badges, conditions):
        rows, wishes = zip(*drawn, strict=True)
        Badge.objects.bulk_create(
            Badge(pk=number, name=f"Badge {number}") for number in range(1, 5)
        )
        Badge.objects.filter(pk=4).delete()
        venues = [Venue.objects.create(name=name) for name in ("Barn", "mill")]
        visits = Visit.objects.bulk_create(
            [Visit(**row | {"venue": venues[row["venue"]]}) for row in rows]
        )
        venues[0].badges.set(badges)
        for visit, wished in zip(visits, wishes, strict=True):
            visit.wishes.set(wished)
        subject = get_subject("visit")
        facts = load_facts(subject, visits)
        for condition in conditions:
            node = parse_condition(condition, subject)
            assert is_answered_by_database(node)
            found = set(Visit.objects.filter(make_query(node)).values_list("pk", flat=True))
            expected = {one.pk for one in visits if evaluate(node, facts[one.pk]).holds}
            assert found == expected, condition


def load_facts(subject, visits):
    """Return what a plan knows of visits, and what they hold themselves: it is the same."""
    condition = {"all": [{"field": name, "is": "empty"} for name in ("badges", "wishes")]}
    [rule] = compile_rules(subject, [DutyTemplate(conditions=condition, subject_key="visit")])
    rows = load_subjects(subject, [rule], Visit.objects.all())
    found = {row[0]: rows.find_facts(row) for row in rows.loaded}
    for visit in visits:
        values = found[visit.pk].values
        assert values["badges"] == list_living(visit.venue.badges)
        assert values["wishes"] == list_living(visit.wishes)
        assert values["venue_name"] == visit.venue.name
        for name in ("status", "guest", "nights", "rate", "vip", "day", "starts"):
            assert values[name] == getattr(visit, name)
    return found


def list_living(badges):
    return tuple(sorted(one.pk for one in badges.all() if one.deleted_at is None))


def parse(condition):
    return parse_condition(condition, get_subject("visit"))


@pytest.mark.parametrize(
    ("condition", "place", "problem"),
    [
        ([], "", "expected an object"),
        ({"all": {}}, "all", "no list of nodes"),
        ({"all": [{}, {"fields": 1}]}, "all[0]", "expected"),
        ({"not": {"any": [1]}}, "not.any[0]", "1 is no node"),
        (
            {"field": "password", "is": "equals", "value": 1},
            "field",
            "is none of: badges, day, ends, guest",
        ),
        ({"field": ["guest"], "is": "equals", "value": 1}, "field", "is none of"),
        ({"field": "guest", "is": "less", "value": "a"}, "is", "does not go with guest (text)"),
        ({"field": "guest", "is": "eval", "value": "a"}, "is", "write one of equals"),
        ({"field": "guest", "is": "equals"}, "", "value is missing"),
        ({"field": "guest", "is": "empty", "value": 1}, "", "value does not belong here"),
        ({"field": "guest", "is": "equals", "value": None}, "value", "use the operator 'empty'"),
        ({"field": "status", "is": "equals", "value": "x"}, "value", "none of: booked, confirmed"),
        ({"field": "nights", "is": "in", "value": [1, "x"]}, "value[1]", "'x' is no number"),
        ({"field": "nights", "is": "equals", "value": True}, "value", "no number"),
        ({"field": "nights", "is": "equals", "value": "NaN"}, "value", "no number"),
        ({"field": "nights", "is": "range", "value": [1, 2]}, "value", "is no range"),
        ({"field": "nights", "is": "range", "value": {"from": 1}}, "value", "is no range"),
        (
            {"field": "nights", "is": "range", "value": {"from": 2, "to": 1}},
            "value",
            "its end lies before its beginning",
        ),
        (
            {"field": "nights", "is": "range", "value": {"from": "x", "to": 1}},
            "value.from",
            "'x' is no number",
        ),
        (
            {"field": "nights", "is": "range", "value": {"from": 1, "to": "x"}},
            "value.to",
            "'x' is no number",
        ),
        ({"field": "day", "is": "equals", "value": "1.2.2026"}, "value", "write it as 2026-03-29"),
        ({"field": "day", "is": "weekday", "value": [7]}, "value[0]", "no weekday"),
        ({"field": "day", "is": "weekday", "value": ["Monday"]}, "value[0]", "no weekday"),
        ({"field": "day", "is": "weekday", "value": [True]}, "value[0]", "no weekday"),
        ({"field": "starts", "is": "less", "value": "2026-01-01T00:00"}, "value", "no instant"),
        ({"field": "starts", "is": "less", "value": "soon"}, "value", "no instant"),
        ({"field": "vip", "is": "equals", "value": "yes"}, "value", "neither true nor false"),
        ({"field": "venue", "is": "equals", "value": True}, "value", "True is no key"),
        ({"all": [], "any": []}, "", "any does not belong here"),
        ({"not": {}, "value": 1}, "", "value does not belong here"),
        ({"field": "vip"}, "", "expected"),
        ({"field": "badges", "is": "equals", "value": 1}, "is", "write one of empty, has_any"),
        ({"field": "badges", "is": "has_any", "value": 1}, "value", "no list with at least one"),
        ({"field": "badges", "is": "has_all", "value": ["x"]}, "value[0]", "'x' is no key"),
        ({"field": "nights", "is": "has_any", "value": [1]}, "is", "does not go with nights"),
    ],
)
def test_a_wrong_condition_names_its_node(condition, place, problem):
    with pytest.raises(ConditionInvalid) as error:
        parse(condition)
    assert error.value.place == place
    assert problem in error.value.problem


BLANK = {"field": "vip", "is": "empty"}


@pytest.mark.parametrize("wrap", [lambda node: {"not": node}, lambda node: {"all": [node]}])
def test_a_condition_is_eight_levels_deep_at_most(wrap):
    deep = BLANK
    for _ in range(8):
        deep = wrap(deep)
    assert len(list(list_leaves(parse(deep)))) == 1
    with pytest.raises(ConditionInvalid, match="levels deep"):
        parse(wrap(deep))


def test_a_condition_has_a_hundred_nodes_at_most():
    assert len(list(list_leaves(parse({"any": [BLANK] * 99})))) == 99
    with pytest.raises(ConditionInvalid, match="two rules"):
        parse({"any": [BLANK] * 100})


def test_a_message_shows_forty_characters_of_what_is_wrong():
    with pytest.raises(ConditionInvalid) as error:
        parse("x" * 38)
    assert error.value.problem.startswith(f"'{'x' * 38}' is no node")
    with pytest.raises(ConditionInvalid) as error:
        parse("x" * 39)
    assert error.value.problem.startswith(f"'{'x' * 36}... is no node")


@pytest.mark.parametrize(
    ("leaf", "row", "expected"),
    [
        ({"field": "nights", "is": "less", "value": 2}, {"nights": 2}, False),
        ({"field": "nights", "is": "less", "value": 2}, {"nights": 1}, True),
        ({"field": "nights", "is": "more", "value": 2}, {"nights": 2}, False),
        ({"field": "nights", "is": "more", "value": 2}, {"nights": 3}, True),
        ({"field": "nights", "is": "range", "value": {"from": 2, "to": 3}}, {"nights": 2}, True),
        ({"field": "nights", "is": "range", "value": {"from": 2, "to": 3}}, {"nights": 3}, True),
        ({"field": "nights", "is": "range", "value": {"from": 2, "to": 3}}, {"nights": 4}, False),
        ({"field": "guest", "is": "starts_with", "value": "an"}, {"guest": "ann"}, True),
        ({"field": "guest", "is": "starts_with", "value": "nn"}, {"guest": "ann"}, False),
        ({"field": "guest", "is": "contains", "value": "an"}, {"guest": "ann"}, True),
        ({"field": "guest", "is": "empty"}, {"guest": ""}, True),
        ({"field": "guest", "is": "empty"}, {"guest": "ann"}, False),
        # 5 January 2026 is a Monday.
        ({"field": "day", "is": "weekday", "value": [0]}, {"day": datetime.date(2026, 1, 5)}, True),
        ({"field": "day", "is": "weekday", "value": [6]}, {"day": datetime.date(2026, 1, 4)}, True),
    ],
)
def test_the_database_and_python_draw_the_same_line(db, leaf, row, expected):
    visit = Visit.objects.create(venue=Venue.objects.create(name="Barn"), **row)
    node = parse(leaf)
    assert Visit.objects.filter(make_query(node)).exists() is expected
    assert evaluate(node, load_facts(get_subject("visit"), [visit])[visit.pk]).holds is expected


@pytest.mark.parametrize("condition", [None, {}, {"all": []}])
def test_no_condition_is_true_of_everything(condition):
    assert evaluate(parse(condition), Facts(values={}, zone=ZoneInfo("UTC"))).holds


def test_a_weekday_is_one_of_the_place(db):
    # Friday evening in New York is Saturday in Berlin.
    instant = datetime.datetime(2026, 1, 3, 2, tzinfo=UTC)
    node = parse({"field": "starts", "is": "weekday", "value": [4]})
    assert not is_answered_by_database(node)
    answers = [
        evaluate(node, Facts(values={"starts": instant}, zone=ZoneInfo(name))).holds
        for name in ("America/New_York", "Europe/Berlin")
    ]
    assert answers == [True, False]


@pytest.mark.parametrize(
    ("word", "value", "change", "expected"),
    [
        ("changed", None, ("a", "b"), True),
        ("changed", None, ("a", "a"), False),
        ("changed_from", "a", ("a", "b"), True),
        ("changed_from", "b", ("a", "b"), False),
        ("changed_to", "b", ("a", "b"), True),
        ("changed_to", "b", ("b", "b"), False),
    ],
)
def test_a_condition_looks_at_what_happened(word, value, change, expected):
    node = parse({"field": "guest", "is": word} | ({"value": value} if value else {}))
    facts = Facts(values={"guest": "b"}, zone=ZoneInfo("UTC"), changes={"guest": change})
    assert evaluate(node, facts).holds is expected
    assert not evaluate(node, Facts(values={"guest": "b"}, zone=ZoneInfo("UTC"))).holds


def test_the_comparison_that_decided_is_named():
    node = parse(
        {
            "all": [
                {"field": "vip", "is": "equals", "value": True},
                {"not": {"field": "nights", "is": "less", "value": 3}},
            ]
        }
    )
    [vip, nights] = list_leaves(node)
    facts = Facts(values={"vip": True, "nights": 2}, zone=ZoneInfo("UTC"))
    assert evaluate(node, facts).because is nights
    assert evaluate(node, Facts(values={"vip": False}, zone=ZoneInfo("UTC"))).because is vip
