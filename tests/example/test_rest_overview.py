"""The calendar and the reports."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from rest_framework.test import APIClient

from api.models import Booking, Property, PropertyOwnership, Task
from api.models.auth import Role
from api.services.calendar import read_calendar
from tests.example.rows import Corner, make_user

pytestmark = pytest.mark.django_db

SPAN = "first=2027-01-01&last=2027-01-10"


def client_of(role):
    client = APIClient()
    client.person = make_user(role)
    client.force_authenticate(client.person)
    return client


def stay(house, first, last, **values):
    """Make a stay by the days of a house in New York."""
    return Corner(house).make(
        Booking,
        check_in=datetime(2027, 1, first, 21, tzinfo=UTC),
        check_out=datetime(2027, 1, last, 15, tzinfo=UTC),
        **values,
    )


def read_csv(answer):
    return list(csv.DictReader(StringIO(answer.getvalue().decode())))


def test_the_calendar_has_each_house_on_each_day(owl, crane):
    stays = [stay(owl, 2, 4), stay(owl, 4, 6), stay(crane, 9, 12)]
    houses = client_of(Role.STAFF).get(f"/api/v1/calendar/?{SPAN}").json()["houses"]
    assert [house["name"] for house in houses] == ["Crane", "Owl Point"]
    states = [day["state"] for day in houses[1]["days"]]
    assert states == [
        *("free", "arrival", "taken", "turnover", "taken"),
        *("departure", "free", "free", "free", "free"),
    ]
    assert houses[1]["days"][3]["bookings"] == [stays[0].pk, stays[1].pk]
    assert [house["taken_nights"] for house in houses] == [2, 4]


def test_a_day_of_the_calendar_is_one_by_the_houses_clock():
    house = Property.objects.create(name="Far", time_zone="Pacific/Auckland")
    Corner(house).make(
        Booking,
        check_in=datetime(2027, 1, 1, 20, tzinfo=UTC),
        check_out=datetime(2027, 1, 3, 21, tzinfo=UTC),
    )
    day = date(2027, 1, 2)
    found = read_calendar(actor=make_user(Role.STAFF), first=day, last=day)[0]
    assert [one.state for one in found.list_days()] == ["arrival"]


def test_a_cancelled_stay_takes_no_day(owl):
    stay(owl, 2, 4, status="cancelled")
    houses = client_of(Role.STAFF).get(f"/api/v1/calendar/?{SPAN}").json()["houses"]
    assert {day["state"] for day in houses[0]["days"]} == {"free"}


def test_an_owner_has_a_calendar_of_the_own_houses(owl, crane):
    owner = client_of(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner.person)
    houses = owner.get(f"/api/v1/calendar/?{SPAN}").json()["houses"]
    assert [house["property"] for house in houses] == [owl.pk]
    assert owner.get(f"/api/v1/calendar/?{SPAN}&property={crane.pk}").json()["houses"] == []


def test_the_calendar_costs_the_same_whatever_it_shows(owl, django_assert_max_num_queries):
    staff = client_of(Role.STAFF)
    stay(owl, 2, 4)
    with django_assert_max_num_queries(100) as few:
        staff.get(f"/api/v1/calendar/?{SPAN}")
    for number in range(4):
        stay(Property.objects.create(name=f"House {number}"), 3, 5)
    with django_assert_max_num_queries(len(few)):
        assert len(staff.get(f"/api/v1/calendar/?{SPAN}").json()["houses"]) == 5


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("first=2027-01-01", "last"),
        ("first=2027-01-02&last=2027-01-01", "last"),
        ("first=2027-01-01&last=2028-01-01", "last"),
        ("first=0001-01-01&last=0001-01-02", "first"),
        ("first=soon&last=later", "first"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(query, name):
    answer = client_of(Role.STAFF).get(f"/api/v1/calendar/?{query}")
    assert answer.status_code == 400
    assert name in answer.json()["errors"]


def test_the_report_of_bookings_has_a_line_for_each_in_the_span(owl):
    stay(owl, 2, 4, guest_name="Ada Fenwick", earnings="12.50")
    stay(owl, 20, 22)
    answer = client_of(Role.MANAGER).get(f"/api/v1/reports/bookings/?{SPAN}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="bookings.csv"'
    rows = read_csv(answer)
    assert [(row["guest"], row["earnings"]) for row in rows] == [("Ada Fenwick", "12.50")]


def test_the_report_of_occupancy_has_a_line_for_each_house(owl, crane):
    stay(owl, 2, 4)
    stay(owl, 9, 20)
    rows = read_csv(client_of(Role.MANAGER).get(f"/api/v1/reports/occupancy/?{SPAN}"))
    assert [(row["house"], row["taken"], row["percent"]) for row in rows] == [
        ("Crane", "0", "0.0"),
        ("Owl Point", "4", "40.0"),
    ]


def test_the_report_of_tasks_has_a_line_for_each_that_is_due(owl):
    Corner(owl).make(Task, title="Sweep", due_date=datetime(2027, 1, 3, tzinfo=UTC))
    Corner(owl).make(Task)
    rows = read_csv(client_of(Role.MANAGER).get(f"/api/v1/reports/tasks/?{SPAN}"))
    assert [row["title"] for row in rows] == ["Sweep"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", ";="])
def test_no_cell_of_a_report_is_a_formula(owl, start):
    stay(owl, 2, 4, guest_name=f"{start}1+1")
    rows = read_csv(client_of(Role.MANAGER).get(f"/api/v1/reports/bookings/?{SPAN}"))
    assert rows[0]["guest"] == f"{start[:-1]}'{start[-1]}1+1"


def test_a_report_is_sent_while_it_is_made(owl):
    stay(owl, 2, 4)
    assert client_of(Role.MANAGER).get(f"/api/v1/reports/bookings/?{SPAN}").streaming


@pytest.mark.parametrize("name", ["occupancy", "bookings", "tasks"])
@pytest.mark.parametrize(("role", "status"), [(Role.STAFF, 403), (Role.MANAGER, 200)])
def test_reports_are_for_who_may_see_them(name, role, status):
    assert client_of(role).get(f"/api/v1/reports/{name}/?{SPAN}").status_code == status


def test_a_caller_may_ask_for_csv_and_is_told_errors_as_problems():
    manager = client_of(Role.MANAGER)
    answer = manager.get("/api/v1/reports/tasks/", headers={"accept": "text/csv"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"].keys() == {"first", "last"}
