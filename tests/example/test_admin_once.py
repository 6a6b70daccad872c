"""Forms of the admin that make a row: one that is sent twice, as by a double click, makes one."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.admin.options import IS_POPUP_VAR
from django.db import connection
from django.test import Client

from api import models
from api.models.auth import Role
from api.services.idempotency import KEY_FIELD
from tests.example.rows import make_user
from tests.example.test_admin_walk import PAGES, address
from tests.form_pages import read_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db):
    return make_user(Role.SUPERUSER)


@pytest.fixture
def browser(client, keeper):
    client.force_login(keeper)
    return client


def open_form(browser, model):
    """Return what the page to make a row would send."""
    answer = browser.get(address(model, "add"))
    assert answer.status_code == 200
    return read_form(answer.content.decode(), f"{model._meta.model_name}_form")


UNMADE = {
    *(models.BookingImportLog, models.BookingImportPlan, models.DigestRun, models.Notification),
    *(models.InventoryTransaction, models.ModernisationRecord, models.Profile, models.TaskImage),
}
"""What nobody makes in the admin."""


@pytest.mark.parametrize(
    "model", [one for one in PAGES if one not in UNMADE], ids=lambda model: model._meta.model_name
)
def test_a_page_to_make_a_row_has_a_key(browser, model):
    answer = browser.get(address(model, "add"))
    assert answer.status_code == 200
    assert f'name="{KEY_FIELD}"' in answer.content.decode()


def fill_house(data):
    return {**data, "name": "Heron"}


def fill_person(data):
    password = "tangerine-lake-77"
    return {**data, "username": "ada", "password1": password, "password2": password}


def fill_checklist(data):
    items = {f"items-{number}-title": f"Item {number}" for number in range(2)}
    kinds = {f"items-{number}-item_type": "check" for number in range(2)}
    orders = {f"items-{number}-order": str(number) for number in range(2)}
    total = {"items-TOTAL_FORMS": "2"}
    return {**data, "name": "Arrival", "task_type": "cleaning", **items, **kinds, **orders, **total}


def fill_shelf(data):
    return {**data, "name": "Bath"}


FILLED = {
    models.Property: fill_house,
    models.User: fill_person,
    models.ChecklistTemplate: fill_checklist,
    models.InventoryCategory: fill_shelf,
}


def test_a_page_to_change_a_row_has_no_key(browser, owl):
    """Sent again, it may be meant to undo what was changed between."""
    page = browser.get(address(models.Property, "change", owl.pk)).content.decode()
    assert KEY_FIELD not in page


@pytest.mark.parametrize("model", FILLED, ids=lambda model: model._meta.model_name)
def test_a_form_that_is_sent_twice_makes_one_row(browser, model):
    before = model.objects.count()
    data = FILLED[model](open_form(browser, model))
    first = browser.post(address(model, "add"), data)
    assert first.status_code == 302, first.content.decode()
    second = browser.post(address(model, "add"), data, follow=True)
    assert second.redirect_chain == [(first.url, 302)]
    assert "it was carried out once" in second.content.decode()
    assert model.objects.count() == before + 1


def fill_invite(data):
    later = {"expires_at_0": "2099-01-01", "expires_at_1": "12:00"}
    return {**data, "role": "staff", "task_group": "none", "max_uses": "1", **later}


def fill_share(data):
    house, _is_new = models.Property.objects.get_or_create(name="Owl Point")
    return {**data, "property": str(house.pk), "name": "Platform"}


TOLD = re.compile(r"The code is [\w-]+|https?://\S+\.ics")
SECRETS = {models.InviteCode: fill_invite, models.CalendarShare: fill_share}
"""What is told in the answer alone, since only its digest is kept."""


@pytest.mark.parametrize("model", SECRETS, ids=lambda model: model._meta.model_name)
def test_a_secret_that_was_made_is_told_again(browser, model):
    """The answer to the first click is one that nobody sees."""
    data = SECRETS[model](open_form(browser, model))
    pages = [browser.post(address(model, "add"), data, follow=True) for _click in range(2)]
    first, second = (TOLD.findall(page.content.decode()) for page in pages)
    assert first == second
    assert len(first) == 1
    assert model.objects.count() == 1
    model.objects.get().delete()
    over = browser.post(address(model, "add"), data, follow=True).content.decode()
    assert "Reload the page" in over
    assert not TOLD.findall(over)
    assert not model.objects.exists()


def test_a_window_that_makes_a_row_for_another_form_makes_one(browser):
    data = {**fill_shelf(open_form(browser, models.InventoryCategory)), IS_POPUP_VAR: "1"}
    place = address(models.InventoryCategory, "add")
    first, second = (browser.post(place, data).content.decode() for _click in range(2))
    assert models.InventoryCategory.objects.count() == 1
    # Both close the window, and tell the form that opened it of the same row.
    assert "popup_response" in first
    assert first == second


def test_another_row_from_the_same_page_and_one_of_another_page_are_made(browser, owl):
    place, house = address(models.Task, "add"), {"property": owl.pk}
    first, second = (open_form(browser, models.Task) for _page in range(2))
    for page, title in ((first, "Rake"), (first, "Mow"), (first, "Rake"), (second, "Rake")):
        answer = browser.post(place, {**page, **house, "title": title})
        assert answer.status_code == 302, answer.context["errors"]
    titles = models.Task.objects.order_by("title").values_list("title", flat=True)
    assert list(titles) == ["Mow", "Rake", "Rake"]


def test_a_form_that_is_refused_may_be_sent_again_as_it_was(browser):
    other = models.Property.objects.create(name="Heron")
    data = fill_house(open_form(browser, models.Property))
    place = address(models.Property, "add")
    assert browser.post(place, data).status_code == 200
    other.delete()
    assert browser.post(place, data).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "fill"),
    [(models.ChecklistTemplate, fill_checklist), *SECRETS.items()],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_two_clicks_at_once_make_one_row(keeper, model, fill):
    browser = Client()
    browser.force_login(keeper)
    data = fill(open_form(browser, model))
    start, before = Barrier(2), model.objects.count()

    def click(_number):
        tab = Client()
        tab.cookies = browser.cookies
        try:
            start.wait(timeout=60)
            answer = tab.post(address(model, "add"), data)
            return answer.status_code, answer.get("Location")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(click, range(2))
    assert first == second
    assert model.objects.count() == before + 1
