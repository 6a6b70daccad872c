"""Administrators reach every page, in a number of queries that does not depend on the rows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from api.models import Booking, BookingImportLog, Property, PropertyAlias, Task, User
from tests.example.rows import Corner

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 12, 1, 21, tzinfo=UTC)
FILLED = {Property, PropertyAlias, Booking, Task, BookingImportLog, User}
"""What ``fill()`` makes by itself."""

MODELS = [model for model in admin.site._registry if model._meta.app_label == "api"]


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


def fill(start, count):
    """Make houses, each with an alias, a booking, a task, a log and a user."""
    for number in range(start, start + count):
        house = Property.objects.create(name=f"House {number}")
        PropertyAlias.objects.create(property=house, label=f"H{number}")
        user = User.objects.create_user(f"user{number}")
        log = BookingImportLog.objects.create(
            file_name="x", request_id="0" * 32, row_count=1, imported_by=user
        )
        booking = Booking.objects.create(
            property=house,
            check_in=FIRST,
            check_out=FIRST + timedelta(days=3),
            guest_name=f"Guest {number}",
            import_log=log,
        )
        Task.objects.create(title="Clean", property=house, booking=booking, assigned_to=user)
        corner = Corner(house, worker=user)
        for model in MODELS:
            if model not in FILLED:
                corner.make(model)


def count_queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def list_url(model):
    return reverse(admin_route(model, "changelist"))


def admin_route(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_however_many_rows_it_shows(office, model):
    fill(0, 2)
    few = count_queries(office, list_url(model))
    fill(2, 15)
    # Filters over relations that now have choices may add one query each, rows never.
    assert count_queries(office, list_url(model)) <= few + 1


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_can_be_opened(office, model):
    fill(0, 1)
    url = reverse(admin_route(model, "change"), args=[model._base_manager.first().pk])
    assert office.get(url, follow=True).status_code == 200


@pytest.mark.parametrize("model", [Property, PropertyAlias, Booking, Task])
def test_a_row_can_be_added(office, model):
    assert office.get(reverse(admin_route(model, "add"))).status_code == 200


def test_a_deleted_booking_leaves_the_list_and_can_be_brought_back(office):
    fill(0, 1)
    booking = Booking.objects.get()
    office.post(reverse("admin:api_booking_delete", args=[booking.pk]), {"post": "yes"})
    assert not Booking.objects.exists()
    assert list(office.get(list_url(Booking)).context["cl"].result_list) == []
    deleted = office.get(list_url(Booking), {"deleted": "only"})
    assert list(deleted.context["cl"].result_list) == [booking]
    office.post(reverse("admin:api_booking_restore", args=[booking.pk]))
    assert Booking.objects.get() == booking


def booking_form(house, **values):
    return {
        "property": house.pk,
        "check_in_0": "2026-12-18",
        "check_in_1": "16:00",
        "check_out_0": "2026-12-21",
        "check_out_1": "10:00",
        "guest_name": "Zeno",
        "status": "booked",
        "adults": 1,
        "children": 0,
        "infants": 0,
        "currency": "USD",
        **values,
    }


def test_a_booking_is_added_by_hand_with_its_stamps(office, owl, administrator):
    office.post(reverse("admin:api_booking_add"), booking_form(owl))
    booking = Booking.objects.get()
    assert (booking.created_by, booking.created_via) == (administrator, "manual")


def test_an_overlap_by_hand_is_explained_in_the_form(office, owl):
    office.post(reverse("admin:api_booking_add"), booking_form(owl))
    answer = office.post(
        reverse("admin:api_booking_add"), booking_form(owl, check_in_0="2026-12-20", guest_name="B")
    )
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Booking.objects.count() == 1


def test_a_check_out_before_the_check_in_is_explained_in_the_form(office, owl):
    answer = office.post(
        reverse("admin:api_booking_add"), booking_form(owl, check_out_0="2026-12-01")
    )
    assert "must be before" in answer.content.decode()
    assert not Booking.objects.exists()


@pytest.mark.parametrize("model", [Booking, Task, User])
def test_sections_of_the_admin_are_german_for_a_german_reader(model):
    with translation.override("de"):
        fields = admin.site._registry[model].fieldsets
        titles = [str(title) for title, _options in fields if title]
    with translation.override("en"):
        english = [str(title) for title, _options in fields if title]
    # The one word that both languages write alike.
    assert [one for one in titles if one in english and one != "Person"] == []
