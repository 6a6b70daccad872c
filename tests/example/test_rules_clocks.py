"""Tasks of rules and schedules keep the clock of their house when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.models import AutoTaskTemplate, Booking, ScheduleTemplate, Task
from api.services.changes import making_changes
from django_modernize.autotasks.schedules import get_schedule, run_schedules

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
FORWARD, BACK = date(2036, 3, 9), date(2036, 11, 2)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_other_rules():
    AutoTaskTemplate.objects.update(is_active=False)


def make_rule(**values):
    rule = AutoTaskTemplate(
        name="Clean", subject_key="booking", anchor="check_in", title="Clean", **values
    )
    rule.full_clean()
    rule.save()


def book(house, check_in):
    with making_changes():
        return Booking.objects.create(
            property=house, guest_name="Ada", check_in=check_in, check_out=check_in + 3 * DAY
        )


def list_due():
    """Return the due times by the clock of New York, with what it is before Greenwich."""
    tasks = Task.objects.filter(status="pending").order_by("due_date")
    return [f"{one.due_date.astimezone(NEW_YORK):%m-%d %H:%M %z}" for one in tasks]


@pytest.mark.parametrize(
    ("day", "due"), [(FORWARD, "03-08 16:00 -0500"), (BACK, "11-01 16:00 -0400")]
)
def test_a_day_before_is_at_the_same_time_though_clocks_change_in_the_night(owl, day, due):
    make_rule(offset=-1)
    book(owl, datetime.combine(day, time(16), NEW_YORK))
    assert list_due() == [due]


@pytest.mark.parametrize(
    ("day", "due"), [(FORWARD, "03-08 15:00 -0500"), (BACK, "11-01 17:00 -0400")]
)
def test_a_day_of_hours_is_as_many_hours_as_pass(owl, day, due):
    make_rule(offset=-24, offset_unit="hours")
    book(owl, datetime.combine(day, time(16), NEW_YORK))
    assert list_due() == [due]


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [
        (FORWARD, time(9), "03-09 09:00 -0400"),
        (BACK, time(9), "11-02 09:00 -0500"),
        # There is no half past two on the day on which clocks go forward.
        (FORWARD, time(2, 30), "03-09 03:30 -0400"),
        # Half past one comes twice on the day on which they go back.
        (BACK, time(1, 30), "11-02 01:30 -0400"),
    ],
)
def test_a_time_of_day_is_by_the_clock_of_the_house_on_the_day_of_the_change(owl, day, at, due):
    make_rule(offset=-1, local_time=at)
    book(owl, datetime.combine(day + DAY, time(16), NEW_YORK))
    assert list_due() == [due]


def test_a_booking_that_moves_over_the_change_keeps_the_time_of_its_task(owl):
    make_rule(offset=-1, local_time=time(9))
    booking = book(owl, datetime.combine(FORWARD, time(16), NEW_YORK))
    assert list_due() == ["03-08 09:00 -0500"]
    with making_changes():
        booking.check_in, booking.check_out = (
            booking.check_in + 2 * DAY,
            booking.check_out + 2 * DAY,
        )
        booking.save()
    assert list_due() == ["03-10 09:00 -0400"]


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [
        (FORWARD, time(9), ["03-08 09:00 -0500", "03-09 09:00 -0400", "03-10 09:00 -0400"]),
        (BACK, time(9), ["11-01 09:00 -0400", "11-02 09:00 -0500", "11-03 09:00 -0500"]),
        (FORWARD, time(2, 30), ["03-08 02:30 -0500", "03-09 03:30 -0400", "03-10 02:30 -0400"]),
        (BACK, time(1, 30), ["11-01 01:30 -0400", "11-02 01:30 -0400", "11-03 01:30 -0500"]),
    ],
)
def test_a_schedule_keeps_its_time_over_the_change_and_makes_no_day_twice(owl, day, at, due):
    schedule = ScheduleTemplate(
        name="Pool",
        property=owl,
        rule="FREQ=DAILY",
        first_day=day - DAY,
        horizon_days=2,
        time_of_day=at,
        title="Pool",
    )
    schedule.save()
    # The night before in Greenwich is still the evening before in New York.
    evening = datetime.combine(day, time(2), UTC)
    assert run_schedules(get_schedule(ScheduleTemplate), evening) == 3
    assert run_schedules(get_schedule(ScheduleTemplate), evening + timedelta(hours=1)) == 0
    assert list_due() == due
