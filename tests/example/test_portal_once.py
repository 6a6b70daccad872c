"""Forms that make something: one that is sent twice, as by a double click, makes it once."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from api import models
from api.models.auth import Role
from api.services.idempotency import KEY_FIELD
from api.services.inventory import start_stock
from tests.example.factories import make_file, row
from tests.example.rows import Corner, bring_paper, make_user, take_photo
from tests.example.test_portal_rules import LONG, write
from tests.example.test_portal_schedules import fill as fill_schedule
from tests.example.test_portal_stock import page, read

KEY = re.compile(f'name="{KEY_FIELD}" value="([^"]+)"')

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path, work_at_once):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def keeper(db):
    return make_user(Role.SUPERUSER)


@pytest.fixture
def browser(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def corner(owl, keeper):
    return Corner(owl, worker=keeper)


def open_form(browser, address):
    """Return the key of a form that is shown."""
    (key,) = KEY.findall(read(browser.get(address)))
    return {KEY_FIELD: key}


def make_booking(corner):
    days = {"first_day": "2027-02-01", "last_day": "2027-02-04"}
    values = {"property": corner.house.pk, "guest_name": "Ann", "status": "booked", **days}
    values |= {"adults": 1, "children": 0, "infants": 0, "currency": "USD"}
    return models.Booking, page("new_booking"), values


def make_task(corner):
    values = {"title": "Rake", "property": corner.house.pk, "task_type": "cleaning"}
    return models.Task, page("new_task"), values


def make_house(corner):
    times = {"check_in_time": "16:00", "check_out_time": "10:00", "time_zone": "UTC"}
    return models.Property, page("new_house"), {"name": "Heron", "property_type": "house", **times}


def make_find(corner):
    return models.LostFoundItem, page("report_found"), {"house": corner.house.pk, "title": "Hat"}


def make_found_photo(corner):
    item = corner.make(models.LostFoundItem)
    return models.LostFoundPhoto, page("save_photo", item.pk), {"image": take_photo}


def make_paper(corner):
    values = {"title": "Manual", "document_type": "manual", "audience": "staff"}
    address = page("new_document", corner.house.pk)
    return models.Document, address, {**values, "file": bring_paper}


def make_stock(corner):
    item = corner.make(models.InventoryItem)
    values = {"house": corner.house.pk, "item": item.pk, "stock": "3", "par": "1"}
    return models.PropertyInventory, page("new_stock"), values


def make_movement(corner):
    kept = corner.make(models.PropertyInventory)
    values = {"transaction_type": "stock_in", "amount": "3"}
    return models.InventoryTransaction, page("stock", kept.pk), values


def make_transfer(corner):
    item = corner.make(models.InventoryItem)
    places = (corner.house, models.Property.objects.create(name="Crane"))
    source, target = (
        start_stock(actor=corner.worker, house=one, item=item, par=Decimal(1), stock=Decimal(9))
        for one in places
    )
    values = {"target": target.pk, "amount": "2"}
    return models.InventoryTransaction, page("transfer_stock", source.pk), values


def make_rule(corner):
    return models.AutoTaskTemplate, page("new_rule"), write(LONG)


def make_schedule(corner):
    return models.ScheduleTemplate, page("new_schedule"), fill_schedule(corner.house)


def make_import(corner):
    content = make_file(row())
    file = lambda: SimpleUploadedFile("bookings.xlsx", content)  # noqa: E731
    return models.BookingImportPlan, page("imports"), {"file": file}


MAKERS = [
    *(make_booking, make_task, make_house, make_find, make_found_photo, make_paper),
    *(make_stock, make_movement, make_transfer, make_rule, make_schedule, make_import),
]


def fill(values):
    """Return what is filled in; a file is brought anew each time."""
    return {name: value() if callable(value) else value for name, value in values.items()}


@pytest.mark.parametrize("make", MAKERS)
def test_a_form_that_is_sent_twice_makes_one(browser, corner, make):
    model, address, values = make(corner)
    before = model.objects.count()
    key = open_form(browser, address)
    first = browser.post(address, {**fill(values), **key})
    assert first.status_code == 302, first.context["form"].errors
    made = model.objects.count()
    assert made > before
    second = browser.post(address, {**fill(values), **key}, follow=True)
    assert second.redirect_chain == [(first.url, 302)]
    assert "it was carried out once" in second.content.decode()
    assert model.objects.count() == made


@pytest.mark.parametrize("route", ["add_photos", "call_manager"])
def test_what_is_sent_twice_from_the_page_of_a_task_is_stored_once(browser, corner, route):
    manager = make_user(Role.MANAGER)
    task = corner.make(models.Task)
    shown, place = read(browser.get(page("task", task.pk))), page(route, task.pk)
    (form,) = re.findall(f'<form[^>]*action="{place}".*?</form>', shown, re.DOTALL)
    (key,) = KEY.findall(form)
    values = {"photos": take_photo} if route == "add_photos" else {"message": "No hot water"}
    for _ in range(2):
        answer = browser.post(place, {**fill(values), KEY_FIELD: key})
        assert answer.url == page("task", task.pk)
    told = models.Notification.objects.filter(recipient=manager)
    made = models.TaskImage.objects.all() if route == "add_photos" else told
    assert made.count() == 1


def test_photos_that_a_part_of_the_page_sends_twice_are_stored_once(browser, corner):
    """Answered by a part of the page, the second time by the whole of it."""
    task = corner.make(models.Task)
    place, whole = page("add_photos", task.pk), page("task", task.pk)
    (form,) = re.findall(f'<form[^>]*action="{place}".*?</form>', read(browser.get(whole)), re.S)
    (key,) = KEY.findall(form)
    values, htmx = {"photos": take_photo, KEY_FIELD: lambda: key}, {"HX-Request": "true"}
    first = browser.post(place, fill(values), headers=htmx)
    assert 'id="work"' in first.content.decode()
    second = browser.post(place, fill(values), headers=htmx)
    assert second["HX-Redirect"] == whole
    assert models.TaskImage.objects.count() == 1
    # The part that was drawn anew has a key of its own.
    (next_key,) = KEY.findall(first.content.decode())
    browser.post(place, fill({**values, KEY_FIELD: lambda: next_key}), headers=htmx)
    assert models.TaskImage.objects.count() == 2


def test_a_photo_that_is_refused_is_refused_again(browser, corner):
    task = corner.make(models.Task)
    place = page("add_photos", task.pk)
    for _click in range(2):
        values = {"photos": SimpleUploadedFile("a.png", b"no picture"), KEY_FIELD: "one"}
        answer = browser.post(place, values, headers={"HX-Request": "true"})
        assert "a.png:" in answer.content.decode()


def test_a_page_that_is_opened_anew_makes_another(browser, corner):
    _model, address, values = make_task(corner)
    for _ in range(2):
        browser.post(address, {**values, **open_form(browser, address)})
    assert models.Task.objects.count() == 2


def test_another_thing_from_the_same_page_is_made_too(browser, corner):
    """Whoever goes back to the page and fills in something else means something else."""
    _model, address, values = make_task(corner)
    key = open_form(browser, address)
    for title in ("Rake", "Mow", "Rake"):
        assert browser.post(address, {**values, **key, "title": title}).status_code == 302
    assert set(models.Task.objects.values_list("title", flat=True)) == {"Rake", "Mow"}
    assert models.Task.objects.count() == 2


def test_a_form_that_is_refused_may_be_sent_again_as_it_was(browser, corner, owl):
    model, address, values = make_booking(corner)
    key = open_form(browser, address)
    other = corner.make(model, check_in="2027-02-02T12:00Z", check_out="2027-02-03T12:00Z")
    assert browser.post(address, {**values, **key}).status_code == 200
    other.delete()
    assert browser.post(address, {**values, **key}).status_code == 302


def test_the_key_of_a_form_is_each_persons_own(browser, corner):
    _model, address, values = make_task(corner)
    key = open_form(browser, address)
    browser.post(address, {**values, **key})
    browser.force_login(make_user(Role.SUPERUSER))
    browser.post(address, {**values, **key})
    assert models.Task.objects.count() == 2


def test_a_change_may_be_sent_as_often_as_one_likes(browser, corner):
    """Sent again, it may be meant to undo what was changed between."""
    address = page("edit_task", corner.make(models.Task).pk)
    assert not KEY.search(read(browser.get(address)))


INVITE = {"role": "staff", "task_group": "none", "max_uses": 1, "days": 7}
LINK = re.compile(r'readonly value="([^"]+)"')


def test_an_invite_that_is_sent_twice_is_one_and_shows_its_link_again(browser):
    address = page("invites")
    key = open_form(browser, address)
    (first,) = LINK.findall(read(browser.post(address, {**INVITE, **key})))
    assert LINK.findall(read(browser.post(address, {**INVITE, **key}))) == [first]
    assert models.InviteCode.objects.count() == 1
    code = first.partition("code=")[2]
    values = {"code": code, "username": "ada", "password": "tangerine-lake-77"}
    assert Client().post(page("accept_invite"), values).status_code == 302
    # The page that is opened anew does not tell it.
    assert first not in read(browser.get(address))


def test_invites_of_two_pages_of_other_values_and_of_two_people_are_several(browser):
    address = page("invites")
    key = open_form(browser, address)
    links = [
        *LINK.findall(read(browser.post(address, {**INVITE, **key}))),
        *LINK.findall(read(browser.post(address, {**INVITE, **key, "note": "Ada"}))),
        *LINK.findall(read(browser.post(address, {**INVITE, **open_form(browser, address)}))),
    ]
    browser.force_login(make_user(Role.SUPERUSER))
    links += LINK.findall(read(browser.post(address, {**INVITE, **key})))
    assert len(set(links)) == 4
    assert models.InviteCode.objects.count() == 4


@pytest.mark.parametrize("end", ["withdraw", "delete"])
def test_an_invite_that_is_over_is_not_shown_again(browser, end):
    address = page("invites")
    key = open_form(browser, address)
    browser.post(address, {**INVITE, **key})
    invite = models.InviteCode.objects.get()
    if end == "delete":
        invite.delete()
    else:
        browser.post(page("withdraw_invite", invite.pk))
    shown = read(browser.post(address, {**INVITE, **key}))
    assert "This invite is over" in shown
    assert not LINK.search(shown)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["task", "invite"])
def test_two_clicks_at_once_make_one(keeper, owl, kind):
    browser = Client()
    browser.force_login(keeper)
    address = page("invites" if kind == "invite" else "new_task")
    values = INVITE if kind == "invite" else {"title": "Rake", "property": owl.pk}
    values = {**values, "task_type": "cleaning", **open_form(browser, address)}
    start = Barrier(2)

    def click(_number):
        tab = Client()
        tab.cookies = browser.cookies
        try:
            start.wait(timeout=60)
            answer = tab.post(address, values)
            return answer.status_code, answer.get("Location") or LINK.findall(read(answer))[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(click, range(2))
    assert first == second
    model = models.InviteCode if kind == "invite" else models.Task
    assert model.objects.count() == 1
