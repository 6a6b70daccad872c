"""Inventory, lost and found, and notifications in the admin."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api import models
from api.models.auth import Role
from api.services.inventory import start_stock
from tests.example.rows import Corner, make_user

pytestmark = pytest.mark.django_db

MODELS = [
    models.InventoryCategory,
    models.InventoryItem,
    models.InventoryTransaction,
    models.PropertyInventory,
    models.LostFoundItem,
    models.Notification,
]


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


def page(model, name, *args):
    return reverse(f"admin:api_{model._meta.model_name}_{name}", args=args)


def count_queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_however_many_rows_it_shows(office, model):
    def fill(start, count):
        for number in range(start, start + count):
            house = models.Property.objects.create(name=f"House {number}")
            Corner(house, worker=make_user()).make(model)

    fill(0, 2)
    few = count_queries(office, page(model, "changelist"))
    fill(2, 9)
    # Filters over relations that now have choices may add one query each, rows never.
    assert count_queries(office, page(model, "changelist")) <= few + 1


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_can_be_opened(office, owl, model):
    row = Corner(owl).make(model)
    assert office.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", [models.InventoryTransaction, models.Notification])
def test_what_is_made_elsewhere_is_not_written_here(office, owl, model):
    row = Corner(owl).make(model)
    assert office.get(page(model, "add")).status_code == 403
    assert office.post(page(model, "change", row.pk), {}).status_code == 403
    assert office.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_stocks_are_found_by_their_level(office, administrator, owl, crane):
    item = Corner(owl).make(models.InventoryItem)
    for house, stock in ((owl, 1), (crane, 9)):
        start_stock(
            actor=administrator, house=house, item=item, par=Decimal(2), stock=Decimal(stock)
        )
    shown = office.get(page(models.PropertyInventory, "changelist"), {"level": "low"})
    assert [one.property for one in shown.context["cl"].result_list] == [owl]


def test_a_higher_par_makes_the_task_and_the_stock_stays(office, administrator, owl):
    item = Corner(owl).make(models.InventoryItem)
    kept = start_stock(actor=administrator, house=owl, item=item, par=Decimal(2), stock=Decimal(5))
    body = {"par": "6", "maximum": "", "place": "attic", "stock": "99"}
    assert office.post(page(models.PropertyInventory, "change", kept.pk), body).status_code == 302
    kept.refresh_from_db()
    assert (kept.stock, kept.par, kept.place) == (5, 6, "attic")
    assert kept.restock_task is not None


def test_things_are_settled_by_an_action_as_far_as_they_can(office, owl):
    first, second = (Corner(owl).make(models.LostFoundItem) for _number in range(2))
    models.LostFoundItem.objects.filter(pk=second.pk).update(status="disposed")
    body = {"action": "mark_donated", "_selected_action": [first.pk, second.pk]}
    answer = office.post(page(models.LostFoundItem, "changelist"), body, follow=True)
    assert "cannot become donated" in answer.content.decode()
    assert sorted(models.LostFoundItem.objects.values_list("status", flat=True)) == [
        "disposed",
        "donated",
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_manager_sees_what_the_matrix_says(client, owl, model):
    manager = make_user(Role.MANAGER)
    client.force_login(manager)
    Corner(owl).make(model)
    may = manager.has_perm(f"api.view_{model._meta.model_name}")
    assert client.get(page(model, "changelist")).status_code == (200 if may else 403)
