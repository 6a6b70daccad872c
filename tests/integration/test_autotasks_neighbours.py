"""What rules say of the subject before and after holds, whoever comes, goes or moves."""

import datetime

import pytest

from django_modernize.autotasks import plan
from django_modernize.autotasks.neighbours import Neighbours
from django_modernize.autotasks.running import follow_changes
from django_modernize.autotasks.subjects import get_subject, make_subject
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyRecord, DutyTemplate, Venue, Visit

pytestmark = pytest.mark.django_db

START = datetime.datetime(2036, 6, 1, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
TURNOVER = {"field": "hours_to_next", "is": "less", "value": 24}


@pytest.fixture
def venue():
    return Venue.objects.create(name="Barn")


@pytest.fixture
def first(venue):
    """One who leaves after two days, with a task if somebody comes within a day."""
    make_template(conditions=TURNOVER, title="{guest} goes, {next_guest} comes", offset=0)
    return stay(venue, 0, guest="Ann")


def stay(venue, hours, guest="Ben", **values):
    starts = START + hours * HOUR
    with follow_changes():
        return Visit.objects.create(
            venue=venue, starts=starts, ends=starts + 48 * HOUR, guest=guest, **values
        )


def titles():
    return list(Duty.objects.filter(status="pending").values_list("title", flat=True))


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("hours", "expected"), [(52, ["Ann goes, Ben comes"]), (72, []), (-48, [])]
)
def test_one_who_comes_soon_after_makes_a_turnover_of_the_one_before(venue, hours, expected):
    stay(venue, hours)
    assert [one for one in titles() if one.startswith("Ann")] == expected


@pytest.mark.usefixtures("first")
def test_a_visit_elsewhere_is_no_neighbour():
    stay(Venue.objects.create(name="Mill"), 52)
    assert titles() == []


def cancel(visit):
    Visit.objects.filter(pk=visit.pk).update(status="cancelled")


def delete(visit):
    visit.delete()


def delete_for_good(visit):
    visit.hard_delete()


def move_in_time(visit):
    later = {"starts": visit.starts + 300 * HOUR, "ends": visit.ends + 300 * HOUR}
    Visit.objects.filter(pk=visit.pk).update(**later)


def move_elsewhere(visit):
    Visit.objects.filter(pk=visit.pk).update(venue=Venue.objects.create(name="Mill"))


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("go", [cancel, delete, delete_for_good, move_in_time, move_elsewhere])
def test_one_who_goes_makes_a_plain_departure_of_the_one_before(venue, go):
    second = stay(venue, 52)
    assert titles() == ["Ann goes, Ben comes"]
    with follow_changes():
        go(second)
    assert titles() == []


@pytest.mark.usefixtures("first")
def test_what_a_text_says_of_the_next_one_follows_it(venue):
    second = stay(venue, 52)
    with follow_changes():
        Visit.objects.filter(pk=second.pk).update(guest="Cleo")
    assert titles() == ["Ann goes, Cleo comes"]


def test_the_one_before_can_be_asked_for_too(venue):
    gap = {"field": "hours_since_previous", "is": "range", "value": {"from": 4, "to": 4}}
    make_template(conditions={"all": [gap, {"field": "previous_status", "is": "empty"}]})
    template = make_template(conditions=gap, title="after {previous_guest}")
    stay(venue, 0, guest="Ann")
    second = stay(venue, 52)
    assert titles() == ["after Ann"]
    step = plan(Visit.objects.filter(pk=second.pk), [template])
    assert step.kept == 1


def test_days_without_a_time_are_as_far_apart_as_whole_days(venue):
    subject = make_subject(
        Visit,
        key="visit",
        templates=DutyTemplate,
        records=DutyRecord,
        fields=["guest"],
        anchors=["day"],
        time_zone=None,
        cancelled=None,
        neighbours=Neighbours(place="venue_id", start="day", end="day", fields=["guest"]),
        shape=get_subject("visit").shape,
    )
    for day in (1, 3, 6):
        Visit.objects.create(venue=venue, day=datetime.date(2036, 6, day))
    between = subject.fields["hours_to_next"].source
    found = Visit.objects.order_by("day").values_list(between, flat=True)
    assert list(found) == [48, 72, None]


@pytest.mark.parametrize("count", [2, 20])
def test_statements_do_not_depend_on_the_number_of_neighbours(
    venue, count, django_assert_max_num_queries
):
    make_template(conditions=TURNOVER)
    visits = [
        Visit(venue=venue, starts=START + day * 50 * HOUR, ends=START + (day * 50 + 40) * HOUR)
        for day in range(count)
    ]
    with django_assert_max_num_queries(15), follow_changes():
        Visit.objects.bulk_create(visits)
    assert Duty.objects.count() == count - 1
