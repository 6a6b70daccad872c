"""When a task is due, on the days on which clocks change too."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from django_modernize.autotasks.timing import Timing, Unit, find_zone

BERLIN = ZoneInfo("Europe/Berlin")


def find_due(anchor, *, offset=0, unit=Unit.DAYS, at=None):
    timing = Timing(
        offset=offset, unit=unit, local_time=datetime.time.fromisoformat(at) if at else None
    )
    due = timing.find_due(datetime.datetime.fromisoformat(anchor), BERLIN)
    assert due.tzinfo is datetime.UTC
    return due.astimezone(BERLIN).isoformat()


def test_days_keep_the_local_time_when_clocks_go_forward():
    assert find_due("2026-03-30T15:00+02:00", offset=-2) == "2026-03-28T15:00:00+01:00"


def test_days_keep_the_local_time_when_clocks_go_back():
    assert find_due("2026-10-24T15:00+02:00", offset=1) == "2026-10-25T15:00:00+01:00"


def test_hours_are_hours_that_pass():
    assert find_due("2026-03-29T01:30+01:00", offset=1, unit=Unit.HOURS) == (
        "2026-03-29T03:30:00+02:00"
    )
    assert find_due("2026-10-25T02:30+02:00", offset=1, unit=Unit.HOURS) == (
        "2026-10-25T02:30:00+01:00"
    )


def test_a_local_time_that_does_not_exist_is_an_hour_later():
    assert find_due("2026-03-28T12:00+01:00", offset=1, at="02:30") == "2026-03-29T03:30:00+02:00"


def test_a_local_time_that_comes_twice_is_the_first():
    assert find_due("2026-10-24T12:00+02:00", offset=1, at="02:30") == "2026-10-25T02:30:00+02:00"


def test_a_plain_day_begins_at_midnight_of_the_place():
    timing = Timing(offset=-1, unit=Unit.DAYS, local_time=None)
    due = timing.find_due(datetime.date(2026, 6, 10), BERLIN)
    assert due == datetime.datetime(2026, 6, 8, 22, tzinfo=datetime.UTC)


def test_an_instant_is_on_the_day_of_the_place():
    # Half past eleven in the evening of the ninth in New York is the tenth in Berlin.
    assert find_due("2026-06-09T23:30-04:00", at="09:00") == "2026-06-10T09:00:00+02:00"


@pytest.mark.parametrize("name", [None, "", "Nowhere/Land", "../../etc/passwd", "Europe"])
def test_a_zone_that_nobody_knows_is_the_projects(name):
    assert find_zone(name) == ZoneInfo("UTC")
