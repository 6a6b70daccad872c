"""The API's way from a file to bookings and back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from api.models import Booking, BookingImportPlan, Property
from api.models.auth import Role

from .factories import make_file, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


@pytest.fixture
def client(administrator):
    client = APIClient()
    client.force_authenticate(administrator)
    return client


def send(client, *rows):
    file = SimpleUploadedFile("bookings.xlsx", make_file(*rows))
    answer = client.post("/api/v1/imports/", {"file": file}, format="multipart")
    assert answer.status_code == 202, answer.content
    return answer.json()["id"]


def list_rows(client, plan):
    return client.get(f"/api/v1/import-rows/?plan={plan}").json()["results"]


def test_a_file_goes_from_upload_to_bookings_and_back(client, owl):
    plan = send(client, row(), row(code="HM2", property_label="Heron House"), row(code="HM3"))
    assert [one["outcome"] for one in list_rows(client, plan)] == ["created", "refused", "conflict"]
    label = client.get(f"/api/v1/import-labels/?plan={plan}").json()["results"][0]
    assert client.post(f"/api/v1/import-labels/{label['id']}/approve/").status_code == 200
    conflict = list_rows(client, plan)[2]
    decided = client.post(f"/api/v1/import-rows/{conflict['id']}/decide/", {"action": "skip"})
    assert decided.json()["outcome"] == "skipped"
    answer = client.post(f"/api/v1/imports/{plan}/apply/", {"is_all_or_nothing": True})
    assert answer.status_code == 202
    found = client.get(f"/api/v1/imports/{plan}/").json()
    assert (found["status"], found["percent_done"]) == ("applied", 100)
    assert Booking.objects.count() == 2

    log = found["log"]
    preview = client.get(f"/api/v1/import-logs/{log}/undo-preview/").json()
    assert preview["removed"]["booking"] == 2
    assert client.post(f"/api/v1/import-logs/{log}/undo/").json()["kept"] == []
    assert not Booking.objects.exists()
    assert Property.objects.get() == owl


def test_what_changed_since_is_a_conflict_that_the_rows_tell(client, owl):
    plan = send(client, row())
    other = send(client, row(code="HM9", guest_name="Zeno"))
    client.post(f"/api/v1/imports/{other}/apply/", {})
    answer = client.post(f"/api/v1/imports/{plan}/apply/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_changed")
    assert list_rows(client, plan)[0]["changed_since"]


def test_a_file_of_another_kind_is_refused_with_its_field(client):
    file = SimpleUploadedFile("bookings.xlsx", b"no workbook")
    answer = client.post("/api/v1/imports/", {"file": file}, format="multipart")
    assert answer.status_code == 400
    assert not BookingImportPlan.objects.exists()


def test_a_label_that_means_a_house_is_mapped(client, owl):
    plan = send(client, row(property_label="The Owl"))
    label = client.get(f"/api/v1/import-labels/?plan={plan}").json()["results"][0]
    address = f"/api/v1/import-labels/{label['id']}/map/"
    assert client.post(address, {"property": owl.pk}).json()["decision"] == "mapped"
    assert list_rows(client, plan)[0]["outcome"] == "created"


def test_a_share_tells_its_address_once(client, owl):
    made = client.post("/api/v1/calendar-shares/", {"property": owl.pk, "name": "Airbnb"}).json()
    assert client.get(made["address"].removeprefix("http://testserver")).status_code == 200
    shown = client.get(f"/api/v1/calendar-shares/{made['id']}/").json()
    assert "address" not in shown


def test_the_address_of_a_feed_is_not_shown(client, owl):
    given = {"property": owl.pk, "name": "Airbnb", "url": "https://example.com/secret.ics"}
    made = client.post("/api/v1/calendar-feeds/", given)
    assert made.status_code == 201
    assert "secret" not in made.content.decode()


def test_statements_of_the_rows_do_not_grow_with_them(
    client, owl, django_assert_max_num_queries, make_person
):
    plan = send(client, *[row(code=f"HM{number}") for number in range(20)])
    client.force_authenticate(make_person(Role.MANAGER))
    with django_assert_max_num_queries(6):
        assert len(list_rows(client, plan)) == 20


def test_a_calendar_that_cannot_be_had_is_told_and_noted(client, owl):
    given = {"property": owl.pk, "name": "Airbnb", "url": "https://feeds.invalid/secret.ics"}
    key = client.post("/api/v1/calendar-feeds/", given).json()["id"]
    answer = client.post(f"/api/v1/calendar-feeds/{key}/fetch/")
    assert (answer.status_code, answer.json()["error_code"]) == (200, "unreachable")
    assert client.get(f"/api/v1/calendar-feeds/{key}/").json()["error_code"] == "unreachable"


def test_what_is_taken_of_a_row_is_one_of_its_fields_by_its_name(client, owl):
    send(client, row(), row(code="HM3"))
    conflict = client.get("/api/v1/import-rows/?outcome=conflict").json()["results"][0]
    answer = client.post(
        f"/api/v1/import-rows/{conflict['id']}/decide/",
        {"action": "take_file", "fields_taken": ["mood"]},
    )
    assert list(answer.json()["errors"]) == ["fields_taken.0"]


def test_a_refused_apply_is_not_repeated_under_its_key(client, owl):
    plan = send(client, row())
    other = send(client, row(code="HM9", guest_name="Zeno"))
    client.post(f"/api/v1/imports/{other}/apply/", {})
    key = {"Idempotency-Key": "apply-it"}
    first = client.post(f"/api/v1/imports/{plan}/apply/", {}, headers=key)
    assert (first.status_code, first["Content-Type"]) == (409, "application/problem+json")
    second = client.post(f"/api/v1/imports/{plan}/apply/", {}, headers=key)
    assert second.status_code == 202, "the rows were shown as they are now"
    third = client.post(f"/api/v1/imports/{plan}/apply/", {}, headers=key)
    assert (third.status_code, third["Idempotency-Replayed"]) == (202, "true")
