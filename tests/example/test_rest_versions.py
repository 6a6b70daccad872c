"""A change that is meant for one version of a row is not made to another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection
from rest_framework.test import APIClient

from api import models
from api.models.auth import Role
from api.rest.inventory import ItemViewSet
from tests.example.rows import Corner, make_user
from tests.example.test_rest_walk import VIEWS, list_endpoints, make_subject, send

STALE = '"0123456789abcdef0123456789abcdef"'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def log_in(person=None):
    client = APIClient()
    client.force_authenticate(person or make_user(Role.SUPERUSER))
    return client


@pytest.fixture
def api(db):
    return log_in()


@pytest.fixture
def corner(db):
    return Corner(models.Property.objects.create(name="Owl"), worker=make_user(Role.STAFF))


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer["ETag"]


@pytest.mark.parametrize("prefix", VIEWS)
def test_a_row_has_a_version_and_who_has_it_is_not_sent_it_again(api, corner, prefix):
    address = f"/api/v1/{prefix}/{make_subject(corner, VIEWS[prefix].model).pk}/"
    version = read(api, address)
    assert read(api, address) == version
    answer = api.get(address, headers={"If-None-Match": version})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", version)
    assert api.get(address, headers={"If-None-Match": STALE}).status_code == 200


@pytest.mark.parametrize("prefix", [one for one in VIEWS if hasattr(VIEWS[one], "partial_update")])
def test_the_answer_to_a_change_has_the_version_that_a_reading_finds(api, corner, prefix):
    address = f"/api/v1/{prefix}/{make_subject(corner, VIEWS[prefix].model).pk}/"
    answer = api.patch(address, {}, headers={"If-Match": read(api, address)})
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == read(api, address)


@pytest.mark.parametrize("prefix", VIEWS)
def test_no_change_is_made_to_another_version(api, corner, prefix):
    row = make_subject(corner, VIEWS[prefix].model)
    before = read(api, f"/api/v1/{prefix}/{row.pk}/")
    for method, path, action, is_about_row in list_endpoints(VIEWS[prefix]):
        if method == "get" or not is_about_row or (action == "restore" and hasattr(row, "restore")):
            continue
        place = "/".join(part for part in (prefix, path.replace("{lookup}", str(row.pk))) if part)
        answer = getattr(api, method)(f"/api/v1/{place}/", {}, headers={"If-Match": STALE})
        assert (answer.status_code, answer.json()["code"]) == (412, "row_changed"), action
        assert "Read it again" in answer.json()["detail"]
    assert read(api, f"/api/v1/{prefix}/{row.pk}/") == before


@pytest.fixture
def tag(db):
    return models.PropertyTag.objects.create(name="lake")


@pytest.fixture
def address(tag):
    return f"/api/v1/property-tags/{tag.pk}/"


def test_a_change_of_what_was_read_is_made(api, address, tag):
    version = read(api, address)
    answer = api.patch(address, {"name": "sea"}, headers={"If-Match": version})
    assert answer.status_code == 200
    assert answer["ETag"] != version
    again = api.patch(address, {"name": "river"}, headers={"If-Match": version})
    assert again.status_code == 412
    tag.refresh_from_db()
    assert tag.name == "sea"


def test_a_row_that_changed_is_not_deleted(api, address, tag):
    version = read(api, address)
    models.PropertyTag.objects.update(name="sea")
    assert api.delete(address, headers={"If-Match": version}).status_code == 412
    assert api.delete(address, headers={"If-Match": read(api, address)}).status_code == 204


@pytest.mark.parametrize(
    "make", [lambda tag: "*", lambda tag: f"W/{tag}", lambda tag: f'"a", {tag}']
)
def test_a_version_may_be_any_one_or_one_of_several_or_made_weak_by_a_proxy(api, address, make):
    wanted = make(read(api, address))
    assert api.patch(address, {}, headers={"If-Match": wanted}).status_code == 200


@pytest.mark.parametrize("wanted", ["", "1f2e", "'1f2e'"])
def test_a_header_that_names_no_version_is_refused_and_not_ignored(api, address, wanted):
    answer = api.patch(address, {"name": "sea"}, headers={"If-Match": wanted})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["If-Match"]


def test_a_row_that_is_made_has_the_version_that_a_reading_finds(api, corner, owl):
    house = {"name": "Heron", "tags": []}
    stay = {"guest_name": "Ann", "check_in": "2027-02-01T16:00:00Z"}
    stay |= {"property": owl.pk, "check_out": "2027-02-03T16:00:00Z", "earnings": "7"}
    task = {"property": owl.pk, "title": "Rake"}
    for prefix, values in (("properties", house), ("bookings", stay), ("tasks", task)):
        answer = api.post(f"/api/v1/{prefix}/", values)
        assert answer.status_code == 201, answer.content
        assert answer["ETag"] == read(api, f"/api/v1/{prefix}/{answer.json()['id']}/")


def test_an_action_answers_with_the_version_that_a_reading_finds(api, corner):
    task = corner.make(models.Task)
    answer = api.post(f"/api/v1/tasks/{task.pk}/status/", {"status": "in_progress"})
    assert answer["ETag"] == read(api, f"/api/v1/tasks/{task.pk}/")
    task.delete()
    answer = api.post(f"/api/v1/tasks/{task.pk}/restore/")
    assert answer["ETag"] == read(api, f"/api/v1/tasks/{task.pk}/")


def test_an_action_upon_another_version_is_not_carried_out(api, corner):
    stay = corner.make(models.Booking)
    version = read(api, f"/api/v1/bookings/{stay.pk}/")
    models.Booking.objects.update(guest_name="Bea")
    answer = api.post(f"/api/v1/bookings/{stay.pk}/cancel/", {}, headers={"If-Match": version})
    assert answer.status_code == 412
    stay.refresh_from_db()
    assert stay.status != "cancelled"


def test_an_answer_that_is_repeated_has_its_version(api, address):
    send_tag = {"data": {"name": "sea"}, "headers": {"Idempotency-Key": "one"}}
    first, second = (api.post("/api/v1/property-tags/", **send_tag) for _ in range(2))
    assert second["Idempotency-Replayed"] == "true"
    assert first["ETag"] == second["ETag"]
    assert first["ETag"] == read(api, f"/api/v1/property-tags/{first.json()['id']}/")


def test_a_change_that_was_refused_keeps_no_answer_under_its_key(api, address):
    headers = {"Idempotency-Key": "one"}
    data = {"name": "sea"}
    assert api.patch(address, data, headers={**headers, "If-Match": STALE}).status_code == 412
    headers["If-Match"] = read(api, address)
    assert api.patch(address, data, headers=headers).status_code == 200


def test_what_tells_of_another_row_is_part_of_a_version(api, corner):
    address = f"/api/v1/bookings/{corner.make(models.Booking).pk}/"
    version = read(api, address)
    models.Property.objects.update(name="Heron")
    assert api.get(address, headers={"If-None-Match": version}).status_code == 200


def test_the_own_profile_has_a_version_too(db):
    api, address = log_in(make_user(Role.STAFF)), "/api/v1/me/"
    version = read(api, address)
    assert api.get(address, headers={"If-None-Match": version}).status_code == 304
    answer = api.patch(address, {"phone": "1"}, headers={"If-Match": version})
    assert (answer.status_code, answer["ETag"]) == (200, read(api, address))
    assert api.patch(address, {"phone": "2"}, headers={"If-Match": version}).status_code == 412


@pytest.mark.parametrize("prefix", VIEWS)
def test_a_list_and_a_page_of_events_have_no_version(api, corner, prefix):
    make_subject(corner, VIEWS[prefix].model)
    assert "ETag" not in send(api, "get", prefix, "")


def run_together(person, *calls):
    """Run functions at once, each in a thread with a connection of its own."""
    start = Barrier(len(calls))

    def work(call):
        try:
            start.wait(timeout=60)
            return call(log_in(person))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(work, calls))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_of_two_who_change_one_version_at_once_one_is_refused(address, method):
    person = make_user(Role.SUPERUSER)
    version = read(log_in(person), address)

    def change(name):
        headers = {"If-Match": version}
        return lambda api: getattr(api, method)(address, {"name": name}, headers=headers)

    codes = {one.status_code for one in run_together(person, change("sea"), change("river"))}
    assert codes in ({200, 412}, {204, 404})


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_other_fields_at_once_neither_undoes_the_other(monkeypatch):
    person = make_user(Role.SUPERUSER)
    shelf = models.InventoryCategory.objects.create(name="Bath")
    item = models.InventoryItem.objects.create(category=shelf, name="Soap")
    address = f"/api/v1/inventory-items/{item.pk}/"
    has_read, save = Event(), ItemViewSet.save_row

    def save_late(view, serializer):
        if "unit" in serializer.validated_data:
            has_read.set()
            # Whoever is not kept out is done by then.
            Event().wait(0.5)
        save(view, serializer)

    monkeypatch.setattr(ItemViewSet, "save_row", save_late)

    def rename(api):
        has_read.wait(timeout=60)
        return api.patch(address, {"name": "Hard soap"})

    answers = run_together(person, lambda api: api.patch(address, {"unit": "bar"}), rename)
    assert [one.status_code for one in answers] == [200, 200]
    item.refresh_from_db()
    assert (item.unit, item.name) == ("bar", "Hard soap")
