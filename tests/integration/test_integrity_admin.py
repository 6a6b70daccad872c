"""What the database alone refuses comes back as an error of the admin's form."""

from datetime import date

import pytest

from tests.testapp.models import Lodging, Person, Reservation

pytestmark = pytest.mark.django_db

LIST = "/admin/testapp/reservation/"
MAY = [date(2026, 5, day) for day in range(1, 32)]


@pytest.fixture(autouse=True)
def boss(client):
    client.force_login(Person.objects.create_superuser("boss"))


@pytest.fixture
def stored():
    """A reservation from the 11th to the 21st of May."""
    lodging = Lodging.objects.create(name="Elm")
    return Reservation.objects.create(lodging=lodging, check_in=MAY[10], check_out=MAY[20])


def send(client, stored, first, last, url=f"{LIST}add/"):
    data = {"lodging": stored.lodging_id, "check_in": MAY[first], "check_out": MAY[last]}
    return client.post(url, {**data, "badge": "typed"})


def test_a_form_that_the_database_refuses_comes_back_with_the_row_in_the_way(client, stored):
    response = send(client, stored, 15, 25)
    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors() == [
        "This reservation overlaps with “booked from 2026-05-11” (May 11, 2026 to May 21, 2026)."
    ]
    assert 'value="typed"' in response.content.decode()
    assert Reservation.objects.get() == stored


def test_a_change_that_the_database_refuses_comes_back(client, stored):
    send(client, stored, 20, 25)
    second = Reservation.objects.get(badge="typed")
    response = send(client, stored, 19, 25, f"{LIST}{second.pk}/change/")
    assert "overlaps with" in response.content.decode()
    assert send(client, stored, 21, 25, f"{LIST}{second.pk}/change/").status_code == 302


def test_a_list_that_the_database_refuses_comes_back_with_a_message(client, stored):
    send(client, stored, 20, 25)
    rows = Reservation.objects.order_by("-pk")
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-id": row.pk, f"form-{number}-check_out": MAY[30]}
    response = client.post(LIST, data, follow=True)
    assert "This reservation overlaps with" in response.content.decode()
    assert {row.check_out for row in rows.all()} == {MAY[20], MAY[25]}


def test_an_error_of_something_else_is_not_hidden(client, stored):
    Reservation.objects.update(badge="typed")
    response = send(client, stored, 1, 2)
    assert "already exists" in response.content.decode()
