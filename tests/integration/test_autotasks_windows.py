"""A task that may be done within a window stays while it is in it, and leaves it with nobody."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_modernize.autotasks import Action, apply, plan
from django_modernize.autotasks.describing import describe_timing
from django_modernize.autotasks.hand_edits import detach_fields
from django_modernize.autotasks.running import follow_changes
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, Venue, Visit

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2036, 6, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture
def venue():
    return Venue.objects.create(name="Barn", zone="Europe/Berlin")


@pytest.fixture
def rule():
    """A rule of what is due at the start, at most three days later, before the next one's."""
    return make_template(offset=0, local_time=None, days_later=3, not_after="next_starts")


def stay(venue, starts, **values):
    values = {"nights": 2, "ends": starts + 2 * DAY, **values}
    with follow_changes():
        return Visit.objects.create(venue=venue, starts=starts, **values)


def move(visit, **values):
    with follow_changes():
        Visit.all_objects.filter(pk=visit.pk).update(**values)


def read_window(visit):
    duty = Duty.objects.get(visit=visit)
    return duty.due_at, duty.earliest_at, duty.latest_at


def test_a_task_has_its_window_and_the_next_arrival_ends_it(venue, rule):
    visit = stay(venue, NOON)
    assert read_window(visit) == (NOON, NOON, NOON + 3 * DAY)
    other = stay(venue, NOON + 2 * DAY)
    assert read_window(visit) == (NOON, NOON, NOON + 2 * DAY)
    move(other, status="cancelled")
    assert read_window(visit) == (NOON, NOON, NOON + 3 * DAY)


def test_what_was_put_off_stays_while_it_is_in_the_window_and_is_moved_out_of_none(venue, rule):
    visit = stay(venue, NOON)
    Duty.objects.update(due_at=NOON + 2 * DAY)
    move(visit, starts=NOON + DAY)
    assert read_window(visit) == (NOON + 2 * DAY, NOON + DAY, NOON + 4 * DAY)
    move(visit, starts=NOON - 2 * DAY)
    assert read_window(visit) == (NOON - 2 * DAY, NOON - 2 * DAY, NOON + DAY)


def test_what_a_person_has_set_is_left_and_its_window_told(venue, rule):
    visit = stay(venue, NOON)
    duty = Duty.objects.get()
    detach_fields(duty, ["due_at"])
    duty.save()
    move(visit, starts=NOON + 9 * DAY)
    assert read_window(visit) == (NOON, NOON + 9 * DAY, NOON + 12 * DAY)


def test_a_task_whose_time_has_passed_is_due_at_the_end_of_its_window(venue):
    make_template(local_time=None, offset=0, days_later=3)
    visit = Visit.objects.create(venue=venue, starts=NOON, nights=2)
    for late, due_at in ((DAY, NOON + 3 * DAY), (4 * DAY, None)):
        made = plan(Visit.objects.all(), now=NOON + late)
        assert [one.due_at for one in made.steps] == ([due_at] if due_at else [])
    apply(plan(Visit.objects.filter(pk=visit.pk), now=NOON + DAY))
    assert Duty.objects.get().due_at == NOON + 3 * DAY


def test_days_of_a_window_are_those_of_the_calendar_and_its_ends_cut_it(venue):
    # The clocks of Berlin go back on 26 October 2036.
    before = datetime.datetime(2036, 10, 25, 10, tzinfo=datetime.UTC)
    make_template(offset=0, local_time=None, days_earlier=2, days_later=2, not_before="day")
    visit = stay(venue, before, day=datetime.date(2036, 10, 24))
    midnight = datetime.datetime(2036, 10, 23, 22, tzinfo=datetime.UTC)
    assert read_window(visit) == (before, midnight, before + 2 * DAY + HOUR)


@pytest.mark.parametrize(
    ("values", "due_at"),
    [
        ({"not_before": "ends"}, NOON + 2 * DAY),
        ({"offset": 5, "not_after": "ends"}, NOON + 2 * DAY),
        # A day is over at midnight by the clock of Berlin.
        ({"offset": 9, "not_before": "ends", "not_after": "day"}, NOON + 10 * HOUR),
    ],
)
def test_what_is_due_outside_of_its_window_is_due_at_its_nearer_end(venue, values, due_at):
    make_template(**{"offset": 0, "local_time": None, **values})
    found, earliest, latest = read_window(stay(venue, NOON, day=NOON.date()))
    assert found == due_at
    assert earliest <= found <= latest


def test_a_rule_that_loses_its_window_takes_it_from_its_tasks(venue, rule):
    visit = stay(venue, NOON)
    Duty.objects.update(due_at=NOON + DAY)
    rule.days_later, rule.not_after = 0, ""
    rule.save()
    assert rule.version == 2
    made = plan(Visit.objects.all())
    assert [one.action for one in made.steps] == [Action.MOVE]
    apply(made)
    assert read_window(visit) == (NOON, None, None)


def test_a_window_is_told_in_words(rule):
    assert (
        describe_timing(rule) == "at starts, up to 3 days later, not after: starts of the next one"
    )


def test_windows_cost_no_statement(venue, rule, django_assert_num_queries):
    plain = make_template(name="Plain")
    for number in range(6):
        Visit.objects.create(
            venue=venue,
            starts=NOON + number * DAY,
            ends=NOON + (number + 1) * DAY - DAY / 24,
            nights=1,
        )
    with CaptureQueriesContext(connection) as without:
        plan(Visit.objects.all(), [plain])
    with django_assert_num_queries(len(without)):
        made = plan(Visit.objects.all(), [rule])
    assert made.count_actions()[Action.CREATE] == 6
