"""Administrators reach every page; ``test_list_costs.py`` says what a list costs."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from api.models import Booking, Property, PropertyAlias, Task, User
from tests.example.rows import Corner

pytestmark = pytest.mark.django_db

MODELS = [model for model in admin.site._registry if model._meta.app_label == "api"]


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


def list_url(model):
    return reverse(admin_route(model, "changelist"))


def admin_route(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_can_be_opened(office, owl, administrator, model):
    row = owl if model is Property else Corner(owl, worker=administrator).make(model)
    url = reverse(admin_route(model, "change"), args=[row.pk])
    assert office.get(url, follow=True).status_code == 200


@pytest.mark.parametrize("model", [Property, PropertyAlias, Booking, Task])
def test_a_row_can_be_added(office, model):
    assert office.get(reverse(admin_route(model, "add"))).status_code == 200


def test_a_deleted_booking_leaves_the_list_and_can_be_brought_back(office, owl):
    booking = Corner(owl).make(Booking)
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
