"""An outage is told as one, leaves nothing half, and is over when it is over."""

import resource
import sqlite3
from contextlib import closing
from io import BytesIO

import pytest
from django.db import OperationalError, ProgrammingError, connection
from django.urls import reverse
from PIL import Image

from api.models import Task, TaskImage
from api.models.task_choices import TaskType
from api.operations.outage import Outage, find_outage
from tests.images import upload

PAGE = "/my-day/"
API = "/api/v1/tasks/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client, cleaner):
    client.force_login(cleaner)
    client.raise_request_exception = False
    return client


@pytest.fixture
def lost_database(transactional_db, browser, monkeypatch):
    """A database that is asked for at an address where none is, until the test mends that."""
    assert browser.get(PAGE).status_code == 200
    connection.close()
    field = "NAME" if connection.vendor == "sqlite" else "HOST"
    with monkeypatch.context() as broken:
        broken.setitem(connection.settings_dict, field, "/nowhere/at/all")
        yield broken.undo


def test_while_the_database_is_away_everybody_is_told_when_to_come_back(browser, lost_database):
    page = browser.get(PAGE)
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert "cannot reach its data" in page.content.decode()
    answer = browser.get(API)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert (answer["Content-Type"], answer.json()["code"]) == (
        "application/problem+json",
        "unavailable",
    )
    lost_database()
    assert browser.get(PAGE).status_code == 200
    assert browser.get(API).status_code == 200


def test_what_is_sent_in_the_midst_of_a_page_is_answered_with_a_sentence_for_it(
    browser, lost_database
):
    answer = browser.post("/tasks/1/take/", headers=HTMX)
    assert answer.status_code == 503
    assert answer.content.decode().startswith('<p class="message is-error">')


def cause(error, reason):
    error.__cause__ = reason
    return error


def test_a_mistake_of_ours_is_no_outage():
    with closing(sqlite3.connect(":memory:")) as database, pytest.raises(sqlite3.Error) as caught:
        database.execute("SELECT * FROM nowhere")
    assert find_outage(cause(OperationalError(), caught.value)) is None
    assert find_outage(ProgrammingError()) is None
    assert find_outage(ValueError()) is None
    assert find_outage(None) is None


def test_an_outage_is_found_below_what_it_caused():
    reason = cause(OperationalError(), sqlite3.OperationalError())
    reason.__cause__.sqlite_errorname = "SQLITE_BUSY_SNAPSHOT"
    assert find_outage(cause(RuntimeError(), reason)) is Outage.DATABASE


@pytest.mark.database_lacks("sqlite", reason="would write its own file under the same limit")
@pytest.mark.django_db(transaction=True)
def test_a_photo_that_finds_no_room_is_refused_and_leaves_neither_file_nor_row(
    browser, owl, cleaner, full_disk, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    task = Task.objects.create(
        title="Clean", property=owl, task_type=TaskType.CLEANING, assigned_to=cleaner
    )
    stream = BytesIO()
    Image.effect_noise((400, 400), 60).save(stream, "PNG")

    def send():
        data = {"task": task.pk, "image": upload(stream.getvalue())}
        return browser.post("/api/v1/task-images/", data)

    full_disk(20_000)
    answer = send()
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    path = reverse("portal:add_photos", args=[task.pk])
    page = browser.post(path, {"photos": upload(stream.getvalue())}, headers=HTMX)
    assert page.status_code == 507
    assert "no room left" in page.content.decode()
    assert not TaskImage.all_objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    full_disk(resource.RLIM_INFINITY)
    assert send().status_code == 201
