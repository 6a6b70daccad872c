"""Requests that are meant for one version lock rows in the order in which the services do.

Two that lock in different orders wait for one another, until PostgreSQL breaks one of them off.
"""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier, Event

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api import models
from api.models.auth import Role
from api.rest import views
from api.services.calendars import CalendarUnreachable
from api.services.inventory import start_stock
from api.services.task_image import add_image
from tests.example.factories import make_file, row
from tests.example.rows import Corner, make_user, take_photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def person(db):
    return make_user(Role.SUPERUSER)


@pytest.fixture
def corner(owl, person):
    return Corner(owl, worker=person)


@pytest.fixture(autouse=True)
def _slow_comparing(monkeypatch):
    """Give others the time to lock something between a request's first lock and its next one."""
    compare = views.require_match

    def compare_slowly(*args):
        Event().wait(0.5)
        compare(*args)

    monkeypatch.setattr(views, "require_match", compare_slowly)


def log_in(person):
    client = APIClient()
    client.force_authenticate(person)
    return client


def meet_stocks(corner):
    """Return two transfers that carry the same thing there and back."""
    item = corner.make(models.InventoryItem)
    places = (corner.house, models.Property.objects.create(name="Crane"))
    first, second = (
        start_stock(actor=corner.worker, house=one, item=item, par=Decimal(1), stock=Decimal(9))
        for one in places
    )
    return [
        (f"stocks/{one.pk}", "transfer", {"target": other.pk, "amount": "1"})
        for one, other in ((first, second), (second, first))
    ]


def meet_tasks(corner):
    """Return two tasks that are each to come after the other."""
    first, second = corner.make(models.Task), corner.make(models.Task)
    return [
        (f"tasks/{one.pk}", "add-dependency", {"needed": other.pk})
        for one, other in ((first, second), (second, first))
    ]


def meet_photos(corner):
    task = corner.make(models.Task)
    photo = add_image(actor=corner.worker, task=task, image=take_photo())
    return [(f"task-images/{photo.pk}", "make-primary", {})] * 2


def meet_rows(corner):
    client = log_in(corner.worker)
    file = SimpleUploadedFile("bookings.xlsx", make_file(row(), row(code="HM3")))
    client.post("/api/v1/imports/", {"file": file}, format="multipart")
    key = models.BookingImportPlanRow.objects.get(outcome="conflict").pk
    return [(f"import-rows/{key}", "decide", {"action": "skip"})] * 2


def meet_labels(corner):
    client = log_in(corner.worker)
    file = SimpleUploadedFile("bookings.xlsx", make_file(row(property_label="The Owl")))
    client.post("/api/v1/imports/", {"file": file}, format="multipart")
    key = models.BookingImportLabel.objects.get().pk
    return [(f"import-labels/{key}", "approve", {})] * 2


def meet_answers(corner):
    task = corner.make(models.Task)
    checklist = corner.make(models.TaskChecklist, task=task)
    item = corner.make(models.ChecklistItem, template=checklist.template)
    return [(f"checklists/{checklist.pk}", "answer", {"item": item.pk, "note": "found"})] * 2


@pytest.mark.parametrize(
    ("meet", "conditions"),
    [
        *((one, 2) for one in (meet_stocks, meet_tasks)),
        *((one, 1) for one in (meet_photos, meet_rows, meet_labels, meet_answers)),
    ],
)
def test_two_at_once_do_not_wait_in_a_circle(person, corner, meet, conditions):
    """Both are meant for one version, or one of them is, which locks its row before the service."""
    start = Barrier(2)
    calls = [
        (place, action, values, log_in(person).get(f"/api/v1/{place}/")["ETag"])
        for place, action, values in meet(corner)
    ]

    def send(number):
        place, action, values, version = calls[number]
        headers = {"If-Match": version} if number < conditions else {}
        try:
            start.wait(timeout=60)
            if not headers:
                # Behind the first lock of the other, before its second.
                Event().wait(0.2)
            client = log_in(person)
            return client.post(f"/api/v1/{place}/{action}/", values, headers=headers).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(send, range(2)))
    assert {code for code in codes if code not in (409, 412)} <= {200, 204}
    assert any(code < 300 for code in codes)


def test_nothing_is_locked_while_the_calendar_of_another_is_fetched(person, corner, monkeypatch):
    feed = corner.make(models.CalendarFeed)
    address, client = f"/api/v1/calendar-feeds/{feed.pk}/", log_in(person)
    version = client.get(address)["ETag"]

    def fail(*args, **kwargs):
        raise CalendarUnreachable("unreachable", "It cannot be had.")

    monkeypatch.setattr("api.rest.calendars.sync_feed", fail)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(f"{address}fetch/", {}, headers={"If-Match": version})
    assert answer.status_code == 200
    sent = [one["sql"] for one in asked if "calendarfeed" in one["sql"]]
    assert sent
    assert not [one for one in sent if "FOR UPDATE" in one]
