"""What every endpoint of the API has from its frame, shown with houses and bookings."""

from datetime import date, timedelta
from itertools import chain

import pytest
from django.db.models import Q
from rest_framework.fields import DateTimeField
from rest_framework.test import APIClient

from api.models import Booking, Property, PropertyOwnership, PropertyTag
from api.models.auth import Role
from api.rest.booking import BookingViewSet
from api.rest.instants import InstantField
from api.rest.serializers import HouseSerializer, WholeBodyMixin
from api.rest.urls import router
from api.services.permission.scopes import NARROWERS
from django_modernize.audit import AuditEvent
from tests.example.rows import NOW, Corner, make_user

pytestmark = pytest.mark.django_db

STAY = {
    "check_in": "2027-01-01T16:00:00Z",
    "check_out": "2027-01-04T10:00:00Z",
    "guest_name": "Ada Fenwick",
}


@pytest.fixture
def log_in():
    """Return a maker of clients of a role."""

    def make(role):
        client = APIClient()
        client.person = make_user(role)
        client.force_authenticate(client.person)
        return client

    return make


@pytest.fixture
def manager(log_in):
    return log_in(Role.MANAGER)


def list_all(client, address):
    """Follow the pages of a list to its end."""
    pages = []
    while address:
        page = client.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        address = page["next"]
    return pages


def test_a_change_over_the_api_is_credited_to_the_caller(manager):
    answer = manager.post("/api/v1/properties/", {"name": "Owl"})
    assert answer.status_code == 201
    event = AuditEvent.objects.get(object_type="api.property")
    assert (event.actor, event.source) == (manager.person, "api")
    assert answer.json()["created_by"] == manager.person.pk


def test_an_invalid_value_is_told_by_field_with_a_code(manager, owl):
    answer = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY, "adults": "many"})
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert problem["errors"] == {
        "adults": [{"code": "invalid", "message": "A valid integer is required."}]
    }


def test_a_rule_of_the_model_is_told_as_an_error(manager, owl):
    late = {**STAY, "property": owl.pk, "check_in": NOW + timedelta(days=9)}
    assert manager.post("/api/v1/bookings/", late).status_code == 400


def test_a_double_booking_is_a_conflict_that_names_the_booking_in_the_way(manager, owl):
    first = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}).json()
    answer = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY})
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "double_booking"
    assert problem["conflict"]["id"] == first["id"]
    assert "Ada Fenwick" in problem["detail"]


def test_a_double_booking_does_not_name_a_booking_that_the_caller_does_not_see(
    log_in, owl, monkeypatch
):
    owner = log_in(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner.person, can_edit=True)
    mine = Corner(owl).make(Booking)
    hidden = Corner(owl).make(Booking)
    monkeypatch.setitem(NARROWERS, Booking, lambda access: ~Q(pk=hidden.pk))
    answer = owner.patch(
        f"/api/v1/bookings/{mine.pk}/",
        {"check_in": hidden.check_in, "check_out": hidden.check_out},
    )
    assert answer.status_code == 409
    assert answer.json()["conflict"] is None
    assert hidden.guest_name not in answer.content.decode()


def test_a_stay_moves_and_keeps_its_times_of_day(manager, owl, crane):
    first = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}).json()
    days = {"first_day": "2027-03-01", "last_day": "2027-03-04"}
    moved = manager.post(f"/api/v1/bookings/{first['id']}/move/", days).json()
    assert (moved["property"], moved["nights"]) == (owl.pk, 3)
    booking = Booking.objects.get()
    assert booking.find_days() == (date(2027, 3, 1), date(2027, 3, 4))
    assert booking.check_in.isoformat() == "2027-03-01T16:00:00+00:00"
    away = manager.post(f"/api/v1/bookings/{first['id']}/move/", {"property": crane.pk, **days})
    assert away.json()["property"] == crane.pk


def test_each_way_to_a_taken_house_is_refused_alike(manager, owl, crane):
    there = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}).json()
    other = manager.post("/api/v1/bookings/", {"property": crane.pk, **STAY}).json()
    first, last = Booking.objects.get(pk=there["id"]).find_days()
    move = {"property": owl.pk, "first_day": first, "last_day": last}
    address = f"/api/v1/bookings/{other['id']}/"
    answers = [
        manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}),
        manager.patch(address, {"property": owl.pk}),
        manager.post(f"{address}move/", move),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (409, "double_booking")
        assert answer.json()["conflict"]["id"] == there["id"]


def test_a_cancelled_stay_frees_its_days_and_says_why(manager, owl):
    first = manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}).json()
    address = f"/api/v1/bookings/{first['id']}/"
    gone = manager.post(f"{address}cancel/", {"reason": "Flight cancelled"})
    assert gone.json()["status"] == "cancelled"
    assert manager.post("/api/v1/bookings/", {"property": owl.pk, **STAY}).status_code == 201
    told = manager.get(f"{address}history/").json()["results"][0]
    assert told["reason"] == "Flight cancelled"


def test_an_owner_who_can_edit_changes_the_own_house_alone(log_in, owl, crane):
    owner = log_in(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner.person, can_edit=True)
    assert owner.patch(f"/api/v1/properties/{owl.pk}/", {"address": "1"}).status_code == 200
    assert owner.patch(f"/api/v1/properties/{crane.pk}/", {"address": "1"}).status_code == 404


def test_an_owner_cannot_move_a_booking_into_a_house_that_is_not_theirs(log_in, owl, crane):
    owner = log_in(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner.person, can_edit=True)
    booking = Corner(owl).make(Booking)
    answer = owner.patch(f"/api/v1/bookings/{booking.pk}/", {"property": crane.pk})
    assert answer.status_code == 400
    assert answer.json()["errors"]["property"][0]["code"] == "does_not_exist"


@pytest.mark.parametrize("ordering", ["name", "-name", "created_at", "-modified_at"])
def test_pages_hold_every_row_once_in_order_and_lead_back(manager, ordering):
    for number in range(7):
        Property.objects.create(name=f"House {number}", address=str(number % 2))
    address = f"/api/v1/properties/?limit=3&ordering={ordering}"
    pages = list_all(manager, address)
    expected = Property.objects.order_by(ordering, "-pk" if "-" in ordering else "pk")
    assert [*chain.from_iterable(pages)] == [one.pk for one in expected]
    assert [len(page) for page in pages] == [3, 3, 1]
    second = manager.get(manager.get(address).json()["next"]).json()
    first = manager.get(second["previous"]).json()
    assert [row["id"] for row in first["results"]] == pages[0]
    assert first["previous"] is None


@pytest.mark.parametrize("ordering", ["nights", "-nights"])
def test_rows_without_a_value_are_in_the_pages_too(manager, owl, monkeypatch, ordering):
    monkeypatch.setattr(BookingViewSet, "ordering_fields", ["nights"])
    corner = Corner(owl)
    for number in range(5):
        corner.make(Booking, nights=None if number % 2 else number + 1)
    pages = list_all(manager, f"/api/v1/bookings/?limit=2&ordering={ordering}")
    assert len({*chain.from_iterable(pages)}) == 5


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ordering=address", "ordering"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("cursor=abc", "cursor"),
        ("property=99999999999999999999", "property"),
        ("check_in__gte=yesterday", "check_in__gte"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(manager, query, name):
    answer = manager.get(f"/api/v1/bookings/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


def test_a_filter_tells_nothing_of_rows_that_are_not_seen(log_in, crane):
    owner = log_in(Role.VIEWER)
    for key in (crane.pk, 123456):
        answer = owner.get(f"/api/v1/bookings/?property={key}")
        assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_lists_are_filtered(manager, owl, crane):
    booking = Corner(owl).make(Booking, guest_name="Ada Fenwick")
    Corner(crane).make(Booking)
    for query in (f"property={owl.pk}", "guest_name__icontains=fenwick"):
        rows = manager.get(f"/api/v1/bookings/?{query}").json()["results"]
        assert [row["id"] for row in rows] == [booking.pk]


def test_houses_are_found_by_tag(manager, owl, crane):
    tag = PropertyTag.objects.create(name="pool")
    assert manager.patch(f"/api/v1/properties/{owl.pk}/", {"tags": [tag.pk]}).status_code == 200
    rows = manager.get(f"/api/v1/properties/?tags={tag.pk}").json()["results"]
    assert [row["id"] for row in rows] == [owl.pk]


def test_a_deleted_row_is_listed_and_comes_back(log_in, owl):
    boss = log_in(Role.SUPERUSER)
    booking = Corner(owl).make(Booking)
    assert boss.delete(f"/api/v1/properties/{owl.pk}/").status_code == 204
    assert boss.get(f"/api/v1/bookings/{booking.pk}/").status_code == 404
    deleted = boss.get("/api/v1/properties/deleted/").json()["results"]
    assert [row["id"] for row in deleted] == [owl.pk]
    assert boss.post(f"/api/v1/properties/{owl.pk}/restore/").status_code == 200
    assert boss.get(f"/api/v1/bookings/{booking.pk}/").status_code == 200


def test_a_restore_that_something_is_in_the_way_of_is_a_conflict(log_in, owl):
    boss = log_in(Role.SUPERUSER)
    booking = Corner(owl).make(Booking)
    booking.delete()
    Corner(owl).make(Booking, check_in=booking.check_in, check_out=booking.check_out)
    answer = boss.post(f"/api/v1/bookings/{booking.pk}/restore/")
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert len(answer.json()["conflicts"]) == 1


def test_the_history_of_a_row_names_who_did_what(manager, owl):
    manager.patch(f"/api/v1/properties/{owl.pk}/", {"address": "1 Lake Road"})
    newest = manager.get(f"/api/v1/properties/{owl.pk}/history/").json()["results"][0]
    assert newest["changes"]["address"] == ["", "1 Lake Road"]
    assert newest["actor_label"] == manager.person.username


def test_an_address_that_there_is_not_is_a_problem_too(manager):
    answer = manager.get("/api/v1/nothing/here/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_body_that_is_no_json_is_a_problem(manager):
    answer = manager.post("/api/v1/properties/", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_too_many_requests_are_told_when_to_come_back(manager, settings):
    settings.ARISTAY_RATES = {"user": "2/min"}
    answers = [manager.get("/api/v1/properties/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) <= 61
    assert answers[-1].json()["code"] == "throttled"


def test_another_person_is_not_counted_with_the_first(log_in, settings):
    settings.ARISTAY_RATES = {"user": "1/min"}
    for client in (log_in(Role.STAFF), log_in(Role.STAFF)):
        assert client.get("/api/v1/properties/").status_code == 200


def test_an_address_is_counted_whoever_asks(log_in, settings):
    settings.ARISTAY_RATES = {"address": "1/min"}
    answers = [log_in(Role.STAFF).get("/api/v1/properties/", REMOTE_ADDR="10.9.8.7") for _ in "ab"]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_a_body_that_is_too_large_is_not_read(manager, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = manager.post("/api/v1/properties/", {"name": "x" * 1_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_an_error_of_ours_is_a_problem_that_tells_nothing_of_it(manager, monkeypatch):
    def fail(self):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(BookingViewSet, "get_queryset", fail)
    manager.raise_request_exception = False
    answer = manager.get("/api/v1/bookings/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()


def test_a_history_is_told_of_a_deleted_row_to_who_may_restore_it(log_in, owl):
    boss, manager = log_in(Role.SUPERUSER), log_in(Role.MANAGER)
    boss.delete(f"/api/v1/properties/{owl.pk}/")
    address = f"/api/v1/properties/{owl.pk}/history/"
    assert boss.get(address).json()["results"][0]["action"] == "soft_delete"
    assert manager.get(address).status_code == 404
    assert boss.get(f"{address}?actor=1").status_code == 400


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2000-01-01T00:00:00%2B21:00", 200),
        ("2000-01-01T00:00:00-23:59", 200),
        ("2027-01-01T00:00:00Z", 200),
        ("0001-01-01T00:00:00%2B21:00", 400),
        ("9999-12-31T23:59:59-21:00", 400),
    ],
)
def test_an_instant_by_a_clock_far_from_ours_is_no_error_of_ours(manager, instant, status):
    answer = manager.get(f"/api/v1/bookings/?check_in__gte={instant}")
    assert answer.status_code == status


def test_an_instant_of_a_year_before_clocks_were_set_by_the_hour_is_told_as_others(manager, owl):
    days = {"check_in": "1865-05-26T14:28:07Z", "check_out": "1865-05-29T14:28:07Z"}
    # No door takes such a stay, and a table may hold one all the same.
    stay = Booking.objects.create(property=owl, guest_name="Ada", **days)
    answer = manager.get(f"/api/v1/bookings/{stay.pk}/")
    assert answer.json()["check_in"] == "1865-05-26T14:28:07Z"


@pytest.mark.parametrize("instant", ["2027-01-01T16:00:00", "2027-01-01 16:00", "2027-01-01"])
def test_an_instant_that_names_no_clock_is_refused_and_told_what_to_add(manager, owl, instant):
    body = manager.post("/api/v1/bookings/", {**STAY, "property": owl.pk, "check_in": instant})
    asked = manager.get("/api/v1/bookings/", {"check_in__gte": instant})
    for answer, name in ((body, "check_in"), (asked, "check_in__gte")):
        assert answer.status_code == 400, answer.json()
        (error,) = answer.json()["errors"][name]
        assert error["code"] in {"offset_missing", "date"}
    if "T" in instant:
        assert "add an offset, as 2027-01-01T16:00:00Z" in error["message"]
    assert not Booking.objects.exists()


def list_kinds(kind):
    """Return the classes below one, however far."""
    return [one for below in kind.__subclasses__() for one in (below, *list_kinds(below))]


def test_every_instant_that_is_sent_names_its_clock():
    kinds = [one for one in list_kinds(WholeBodyMixin) if one is not HouseSerializer]
    sent = {
        (kind.__name__, name): field
        for kind in kinds
        for name, field in kind().fields.items()
        if isinstance(field, DateTimeField) and not field.read_only
    }
    assert ("BookingSerializer", "check_in") in sent
    assert [key for key, field in sent.items() if not isinstance(field, InstantField)] == []


CHANGED = sorted(prefix for prefix, view, _ in router.registry if hasattr(view, "partial_update"))


@pytest.mark.parametrize("prefix", CHANGED)
def test_a_row_is_taken_as_it_was_read_and_nothing_of_a_body_is_ignored(log_in, prefix):
    boss = log_in(Role.SUPERUSER)
    view = next(view for name, view, _ in router.registry if name == prefix)
    house = Property.objects.create(name="Owl")
    row = house if view.model is Property else Corner(house, worker=boss.person).make(view.model)
    address = f"/api/v1/{prefix}/{row.pk}/"
    stored = boss.get(address).json()
    answer = boss.patch(address, stored, format="json")
    told = {*answer.json().get("errors", {})}
    shown = view(action="partial_update").get_serializer_class()()
    fixed = {name for name, one in shown.fields.items() if one.read_only}
    assert not told & fixed, told
    refused = boss.patch(address, {"no_such_field": 1}, format="json")
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["no_such_field"])
