"""The API of inventory, lost and found, and notifications."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from api import models
from api.models.auth import Role
from api.services.inventory import start_stock
from django_modernize.context import change_context
from tests.example.rows import Corner, make_user, take_photo

pytestmark = pytest.mark.django_db

BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def keeper():
    return make_user(Role.MANAGER)


@pytest.fixture
def client(keeper):
    client = APIClient()
    client.force_authenticate(keeper)
    return client


@pytest.fixture
def soap(owl):
    return Corner(owl).make(models.InventoryItem, name="Soap")


@pytest.fixture
def kept(keeper, owl, soap):
    return start_stock(actor=keeper, house=owl, item=soap, par=Decimal(2), stock=Decimal(8))


def test_a_stock_is_begun_and_its_levels_are_set(client, owl, soap):
    body = {"property": owl.pk, "item": soap.pk, "par": "3"}
    made = client.post(f"{BASE}/stocks/", body)
    assert (made.status_code, made.json()["level"]) == (201, "out")
    address = f"{BASE}/stocks/{made.json()['id']}/"
    assert client.patch(address, {"par": "1", "stock": "0.00"}).json()["par"] == "1.00"
    refused = client.patch(address, {"par": "2", "stock": "99"})
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["stock"])
    assert client.post(f"{BASE}/stocks/", body).status_code in (400, 409)


def test_a_stock_stays_that_of_its_house_and_item(client, kept, crane):
    answer = client.patch(f"{BASE}/stocks/{kept.pk}/", {"property": crane.pk})
    assert answer.status_code == 400


def test_a_movement_answers_with_the_stock_as_it_is_then(client, kept):
    body = {"transaction_type": "stock_out", "amount": "6", "note": "spring"}
    answer = client.post(f"{BASE}/stocks/{kept.pk}/move/", body).json()
    assert (answer["stock"], answer["level"]) == ("2.00", "low")
    assert answer["restock_task"] == models.Task.objects.get().pk
    book = client.get(f"{BASE}/inventory-transactions/", {"inventory": kept.pk}).json()
    assert [one["change"] for one in book["results"]] == ["8.00", "-6.00"]


def test_more_than_there_is_is_refused_with_a_code(client, kept):
    body = {"transaction_type": "damage", "amount": "9"}
    answer = client.post(f"{BASE}/stocks/{kept.pk}/move/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "below_zero")


def test_a_transfer_moves_between_houses(client, keeper, kept, crane, soap):
    other = start_stock(actor=keeper, house=crane, item=soap, par=Decimal(1))
    body = {"target": other.pk, "amount": "3"}
    assert client.post(f"{BASE}/stocks/{kept.pk}/transfer/", body).json()["stock"] == "5.00"
    assert client.get(f"{BASE}/stocks/{other.pk}/").json()["stock"] == "3.00"


def test_the_book_is_only_added_to(client, kept):
    address = f"{BASE}/inventory-transactions/{kept.transactions.get().pk}/"
    assert client.patch(address, {"change": "1"}).status_code == 405
    assert client.delete(address).status_code == 405


def test_what_to_buy_is_for_each_house_and_in_all(client, keeper, kept, crane, soap):
    start_stock(actor=keeper, house=crane, item=soap, par=Decimal(2), maximum=Decimal(6))
    answer = client.get(f"{BASE}/stocks/shopping/").json()
    assert [one["name"] for one in answer["houses"]] == ["Crane"]
    assert answer["total"][0]["amount"] == "6.00"


def test_what_was_found_is_claimed_with_a_name(client, owl):
    made = client.post(f"{BASE}/lost-found/", {"property": owl.pk, "title": "Watch"})
    assert (made.status_code, made.json()["status"]) == (201, "found")
    address = f"{BASE}/lost-found/{made.json()['id']}"
    assert client.post(f"{address}/status/", {"status": "claimed"}).status_code == 400
    answer = client.post(f"{address}/status/", {"status": "claimed", "claimed_by": "Ada"})
    assert answer.json()["claimed_by"] == "Ada"
    refused = client.patch(f"{address}/", {"status": "donated"})
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["status"])


def test_photos_are_served_to_those_who_see_the_house(client, owl, crane):
    item = Corner(owl).make(models.LostFoundItem)
    body = {"item": item.pk, "image": take_photo()}
    made = client.post(f"{BASE}/lost-found-photos/", body, format="multipart")
    assert (made.status_code, made.json()["width"]) == (201, 8)
    address = f"{BASE}/lost-found-photos/{made.json()['id']}/file/"
    assert client.get(address)["Content-Type"].startswith("image/")
    owner = make_user(Role.VIEWER)
    models.PropertyOwnership.objects.create(property=crane, user=owner)
    other = APIClient()
    other.force_authenticate(owner)
    assert other.get(address).status_code == 404


def test_people_read_and_count_their_own_notices(client, keeper, owl):
    from api.services.changes import making_changes

    with change_context(actor=make_user()), making_changes():
        models.Task.objects.create(title="Clean", property=owl, assigned_to=keeper)
    Corner(owl, worker=make_user(Role.STAFF)).make(models.Notification)
    (notice,) = client.get(f"{BASE}/notifications/").json()["results"]
    assert notice["text"] == "Clean, Owl Point: created"
    count = f"{BASE}/notifications/unread-count/"
    assert client.get(count).json() == {"number": 1}
    address = f"{BASE}/notifications/{notice['id']}"
    assert client.post(f"{address}/read/").json()["read_at"] is not None
    assert client.post(f"{address}/unread/").json()["read_at"] is None
    assert client.post(f"{BASE}/notifications/read-all/").json() == {"number": 1}
    assert client.get(count).json() == {"number": 0}


def test_a_phone_is_registered_and_its_token_is_told_to_nobody(client, keeper):
    body = {"token": "secret-token", "platform": "ios"}
    answer = client.post(f"{BASE}/notifications/register-phone/", body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert models.DeviceToken.objects.get().user == keeper
    client.post(f"{BASE}/notifications/forget-phone/", {"token": "secret-token"})
    assert not models.DeviceToken.objects.exists()


def test_stocks_are_found_by_their_level(client, kept):
    found = client.get(f"{BASE}/stocks/?level=normal").json()["results"]
    assert [one["id"] for one in found] == [kept.pk]
    assert client.get(f"{BASE}/stocks/?level=over").json()["results"] == []
