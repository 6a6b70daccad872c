"""Django REST framework: rows that a constraint refuses."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from tests.testapp.models import Lodging, Person, Reservation

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    Person.objects.create(username="ann")
    return APIClient(headers={"authorization": "Token ann"})


@pytest.fixture
def stored():
    lodging = Lodging.objects.create(name="Elm")
    return Reservation.objects.create(
        lodging=lodging, check_in=date(2026, 5, 11), check_out=date(2026, 5, 21)
    )


def send(client, name, stored):
    data = {"lodging": stored.lodging_id, "check_in": "2026-05-15", "check_out": "2026-05-25"}
    return client.post(f"/api/{name}/", data, format="json")


def test_a_row_in_the_way_is_a_400_that_names_it(client, stored):
    response = send(client, "reservations", stored)
    assert response.status_code == 400
    assert response.json() == {
        "non_field_errors": [
            "This reservation overlaps with “booked from 2026-05-11” "
            "(May 11, 2026 to May 21, 2026)."
        ]
    }


def test_a_row_of_its_own_is_not_in_the_way(client, stored):
    response = client.patch(
        f"/api/reservations/{stored.pk}/", {"check_out": "2026-05-22"}, format="json"
    )
    assert response.status_code == 200


def test_a_row_that_came_in_between_is_a_409(client, stored):
    response = send(client, "hasty", stored)
    assert response.status_code == 409
    assert response.json() == {"conflicts": ["The range overlaps with that of another row."]}


def test_an_error_of_something_else_is_not_hidden(client, stored):
    assert client.post("/api/reservations/", {}, format="json").status_code == 400


def test_a_refusal_of_the_database_names_the_row_where_the_serializer_knows_it(client, stored):
    response = send(client, "overtaken", stored)
    assert response.status_code == 409
    (sentence,) = response.json()["conflicts"]
    assert "booked from 2026-05-11" in sentence
    other = Reservation.objects.create(
        lodging_id=stored.lodging_id, check_in=date(2026, 6, 1), check_out=date(2026, 6, 2)
    )
    moved = {"check_in": "2026-05-20"}
    response = client.patch(f"/api/overtaken/{other.pk}/", moved, format="json")
    assert (response.status_code, response.json()) == (409, {"conflicts": [sentence]})


def test_who_is_not_logged_in_is_told_so_where_rows_belong_to_people():
    assert APIClient().get("/api/own/").status_code == 403
