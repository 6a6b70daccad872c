"""Tasks that come again, on the days of their rule and never twice."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import translation

from django_modernize.autotasks.describing import describe_recurrence
from django_modernize.autotasks.exceptions import RuleInvalid, SubjectError
from django_modernize.autotasks.recurrence import (
    build_rule,
    find_days,
    list_next,
    parse_rule,
    read_rule,
)
from django_modernize.autotasks.schedules import get_schedule, plan_schedules, run_schedules
from tests.testapp.models import Duty, Routine, RoutineRecord, Venue

START = datetime.date(2026, 1, 31)


def days(rule, count=4, start=START, **arguments):
    last = start + datetime.timedelta(days=400)
    found = find_days(rule, start=start, first=start, last=last, **arguments)
    return [day.isoformat() for day in found[:count]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", ["2026-01-31", "2026-02-03", "2026-02-06", "2026-02-09"]),
        # A weekly rule without a weekday is for that of its first day, a Saturday.
        ("FREQ=WEEKLY", ["2026-01-31", "2026-02-07", "2026-02-14", "2026-02-21"]),
        # The first day is one of them only if the rule says so.
        ("FREQ=WEEKLY;BYDAY=MO", ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"]),
        ("RRULE:FREQ=DAILY;COUNT=2", ["2026-01-31", "2026-02-01"]),
        ("FREQ=DAILY;UNTIL=20260202", ["2026-01-31", "2026-02-01", "2026-02-02"]),
    ],
)
def test_a_rule_is_followed(rule, expected):
    assert days(rule) == expected


def test_the_last_day_of_a_month_is_one_in_every_month():
    rule = build_rule("monthly", day_of_month=31)
    assert days(rule) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert days(build_rule("quarterly", day_of_month=30), start=datetime.date(2026, 2, 1)) == [
        "2026-02-28",
        "2026-05-30",
        "2026-08-30",
        "2026-11-30",
    ]


def test_what_people_choose_becomes_a_rule():
    assert build_rule("weekly", interval=2, weekdays=[0, 4]) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"
    assert build_rule("yearly") == "FREQ=YEARLY"
    assert build_rule("daily", interval=3) == "FREQ=DAILY;INTERVAL=3"


def test_exceptions_are_left_out():
    assert days("FREQ=DAILY", 2, exceptions=["2026-02-01"]) == ["2026-01-31", "2026-02-02"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "daily",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;COUNT=9999999",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;INTERVAL=0;X=1",
        "DTSTART:20200101T000000\nRRULE:FREQ=DAILY",
        "FREQ=DAILY\nEXDATE:20260101T000000",
        "FREQ=DAILY;UNTIL=20260202T000000Z;" + "X" * 500,
    ],
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(RuleInvalid):
        parse_rule(rule, START)


def test_a_rule_that_never_comes_true_ends():
    assert days("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == []


def test_a_rule_from_long_ago_is_refused():
    with pytest.raises(RuleInvalid, match="50 years"):
        find_days("FREQ=DAILY", start=datetime.date(1900, 1, 1), first=START, last=START)


@pytest.fixture
def routine(db):
    routine = Routine(
        name="Bins",
        rule="FREQ=WEEKLY;BYDAY=MO",
        first_day=datetime.date(2026, 3, 1),
        time_zone="Europe/Berlin",
        title="Bins at {venue_name} on {day}",
        venue=Venue.objects.create(name="Barn"),
    )
    routine.full_clean()
    routine.save()
    return routine


NOW = datetime.datetime(2026, 3, 20, tzinfo=datetime.UTC)
SCHEDULE = get_schedule(Routine)


def test_tasks_keep_the_local_time_when_clocks_change(routine):
    assert run_schedules(SCHEDULE, NOW) == 2
    berlin = ZoneInfo("Europe/Berlin")
    due = [one.due_at.astimezone(berlin).isoformat() for one in Duty.objects.order_by("pk")]
    assert due == ["2026-03-23T09:00:00+01:00", "2026-03-30T09:00:00+02:00"]
    first = Duty.objects.earliest("pk")
    assert (first.title, first.venue) == ("Bins at Barn on 03/23/2026", routine.venue)


def test_a_day_has_its_task_once_also_after_the_task_is_gone(routine):
    run_schedules(SCHEDULE, NOW)
    Duty.objects.all().delete()
    assert run_schedules(SCHEDULE, NOW) == 0
    assert run_schedules(SCHEDULE, NOW + datetime.timedelta(days=7)) == 1
    assert RoutineRecord.objects.count() == 3


def test_a_template_that_is_wrong_leaves_the_others_alone(routine):
    Routine.objects.create(
        name="Broken", rule="x", first_day=routine.first_day, title="x", venue=routine.venue
    )
    assert run_schedules(SCHEDULE, NOW) == 2


def test_inactive_templates_and_past_days_make_nothing(routine):
    assert len(plan_schedules(SCHEDULE, NOW - datetime.timedelta(days=60))) == 0
    Routine.objects.update(is_active=False)
    assert plan_schedules(SCHEDULE, NOW) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rule", "FREQ=HOURLY"),
        ("title", "{password}"),
        ("time_zone", "Nowhere"),
        ("exceptions", ["tomorrow"]),
        ("horizon_days", 4000),
        ("horizon_days", None),
        ("exceptions", 5),
        ("exceptions", [5]),
    ],
)
def test_a_wrong_field_is_named(routine, name, value):
    setattr(routine, name, value)
    with pytest.raises(ValidationError) as error:
        routine.full_clean()
    assert set(error.value.message_dict) == {name}


@pytest.mark.parametrize("count", [1, 8])
def test_the_statements_do_not_depend_on_the_templates(
    routine, count, django_assert_max_num_queries
):
    for number in range(count):
        routine.pk = None
        routine.name = str(number)
        routine.save()
    with django_assert_max_num_queries(9):
        assert run_schedules(SCHEDULE, NOW) == 2 * (count + 1)


def test_the_command_makes_what_comes_again(routine, capsys):
    Routine.objects.update(first_day=datetime.date(2020, 1, 1))
    call_command("autotasks_run")
    assert "routines: create 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    "chosen",
    [
        {"frequency": "daily", "interval": 3},
        {"frequency": "weekly", "weekdays": [0, 6], "last": datetime.date(2026, 12, 31)},
        {"frequency": "monthly", "day_of_month": 31},
        {"frequency": "quarterly", "interval": 2, "day_of_month": 1},
        {"frequency": "yearly"},
    ],
)
def test_what_people_chose_is_read_from_their_rule_again(chosen):
    read = read_rule(build_rule(**chosen), START)
    read["last"] = read.pop("last_day")
    assert {name: read[name] for name in chosen} == chosen


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=often",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=DAILY;UNTIL=20261331",
        "FREQ=DAILY;COUNT=3",
        # Saved by the form, they would come on other days.
        "FREQ=YEARLY;BYMONTH=5",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=DAILY;BYMONTHDAY=5",
        "FREQ=WEEKLY;BYMONTHDAY=5",
    ],
)
def test_a_rule_that_no_form_would_write_is_left_as_text(rule):
    assert read_rule(rule, START) is None


def test_a_yearly_rule_of_a_month_is_read_with_its_day():
    rule = build_rule("yearly", month=5, day_of_month=9)
    assert days(rule) == ["2026-05-09"]
    assert read_rule(rule, datetime.date(2026, 5, 1))["day_of_month"] == 9
    assert read_rule(rule, datetime.date(2026, 6, 1)) is None


@pytest.mark.parametrize(
    ("rule", "english", "german"),
    [
        ("FREQ=DAILY;INTERVAL=3", "every 3 days", "alle 3 Tage"),
        ("FREQ=WEEKLY", "every week on Saturday", "jede Woche am Samstag"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            "every 2 weeks on Monday and Friday",
            "alle 2 Wochen am Montag und Freitag",
        ),
        ("FREQ=MONTHLY", "every month on day 29", "jeden Monat am 29."),
        ("FREQ=MONTHLY;INTERVAL=6", "every 2 quarters on day 29", "alle 2 Quartale am 29."),
        (
            "FREQ=YEARLY;UNTIL=20401231",
            "every year on February 29 until 12/31/2040",
            "jedes Jahr am 29. Februar, bis 31.12.2040",
        ),
        ("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU"),
    ],
)
def test_a_rule_is_told_in_words(rule, english, german):
    template = Routine(rule=rule, first_day=datetime.date(2020, 2, 29))
    for language, words in (("en", english), ("de", german)):
        with translation.override(language):
            assert describe_recurrence(template) == words


def test_the_next_days_are_found_also_where_they_are_rare():
    leap = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    found = list_next(leap, start=START, first=START, count=2)
    assert [day.isoformat() for day in found] == ["2028-02-29", "2032-02-29"]
    # A rule is followed for fifty years, and no further.
    last_years = START.replace(year=START.year + 48)
    yearly = list_next("FREQ=YEARLY", start=START, first=last_years, count=9)
    assert [day.year - START.year for day in yearly] == [48, 49]
    ended = list_next("FREQ=DAILY;COUNT=2", start=START, first=START, count=5)
    assert len(ended) == 2


def test_what_was_never_registered_has_no_schedule():
    with pytest.raises(SubjectError, match="Duty"):
        get_schedule(Duty)
