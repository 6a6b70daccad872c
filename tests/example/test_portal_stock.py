"""What is kept where, what is carried over, and photos of what was found, in the portal."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from api import models
from api.models.auth import Role
from api.services.inventory import start_stock
from tests.example.rows import Corner, make_user, take_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def keeper():
    return make_user(Role.MANAGER)


@pytest.fixture
def browser(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def soap(owl):
    return Corner(owl).make(models.InventoryItem, name="Soap")


@pytest.fixture
def kept(keeper, owl, soap):
    return start_stock(actor=keeper, house=owl, item=soap, par=Decimal(2), stock=Decimal(20))


def page(name, *args):
    return reverse(f"portal:{name}", args=args)


def read(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_stock_reads_as_a_plain_number(browser, kept):
    assert "20 each" in read(browser.get(page("stock", kept.pk)))


def test_a_transfer_offers_the_houses_that_keep_the_item(browser, keeper, kept, crane, soap):
    other = start_stock(actor=keeper, house=crane, item=soap, par=Decimal(1))
    form = page("transfer_stock", kept.pk)
    assert "Crane" in read(browser.get(form))
    refused = read(browser.post(form, {"target": other.pk, "amount": "30"}))
    assert "There is not enough" in refused
    read(browser.post(form, {"target": other.pk, "amount": "3"}, follow=True))
    other.refresh_from_db()
    assert other.stock == 3


def test_an_item_is_kept_from_now_on_and_its_levels_are_set(browser, owl, soap):
    body = {"house": owl.pk, "item": soap.pk, "stock": "4", "par": "1", "maximum": "", "place": ""}
    read(browser.post(page("new_stock"), body, follow=True))
    kept = models.PropertyInventory.objects.get()
    assert kept.stock == 4
    body = {"par": "5", "maximum": "3", "place": ""}
    assert "maximum" in read(browser.post(page("edit_levels", kept.pk), body))
    body["maximum"] = "9"
    read(browser.post(page("edit_levels", kept.pk), body, follow=True))
    kept.refresh_from_db()
    assert kept.maximum == 9


def test_a_photo_is_added_and_shown_with_the_thing(browser, owl):
    item = Corner(owl).make(models.LostFoundItem)
    shown = read(browser.post(page("save_photo", item.pk), {"image": take_photo()}, follow=True))
    address = page("found_photo", item.photos.get().pk)
    assert f'src="{address}?side=320"' in shown
    assert browser.get(address)["Content-Type"].startswith("image/")


def test_a_file_that_is_no_photo_is_refused_beside_its_field(browser, owl):
    item = Corner(owl).make(models.LostFoundItem)
    body = {"image": SimpleUploadedFile("x.png", b"no photo")}
    assert "has-errors" in read(browser.post(page("save_photo", item.pk), body))


def test_a_photo_is_served_to_those_alone_who_see_the_house(client, owl, crane):
    photo = Corner(owl).make(models.LostFoundPhoto)
    for house, status in ((crane, 404), (owl, 200)):
        owner = make_user(Role.VIEWER)
        models.PropertyOwnership.objects.create(property=house, user=owner)
        client.force_login(owner)
        assert client.get(page("found_photo", photo.pk)).status_code == status


@pytest.mark.parametrize(
    ("role", "route", "status"),
    [
        (Role.STAFF, "new_stock", 403),
        (Role.STAFF, "edit_levels", 403),
        (Role.STAFF, "transfer_stock", 200),
        (Role.VIEWER, "transfer_stock", 403),
    ],
)
def test_a_role_opens_what_the_matrix_says(client, kept, role, route, status):
    client.force_login(make_user(role))
    arguments = [] if route == "new_stock" else [kept.pk]
    assert client.get(page(route, *arguments)).status_code == status
