"""The page of a task: its checklist, its photos, the gate before it is done."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from api.models import ChecklistItem, ChecklistTemplate, Notification, Task, TaskImage
from api.models.auth import Role, TaskGroup
from api.models.checklist import ItemType
from api.models.task_choices import TaskStatus, TaskType
from api.services.checklist import attach_checklists


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cleaner(make_person):
    return make_person(Role.STAFF, task_group=TaskGroup.CLEANING)


@pytest.fixture
def manager(make_person):
    return make_person(Role.MANAGER)


@pytest.fixture
def task(owl):
    template = ChecklistTemplate.objects.create(name="Of the test")
    for order, kind in enumerate([ItemType.CHECK, ItemType.NUMBER, ItemType.PHOTO_REQUIRED]):
        ChecklistItem.objects.create(template=template, title=kind, item_type=kind, order=order)
    task = Task.objects.create(title="Clean", property=owl, task_type=TaskType.CLEANING)
    attach_checklists([task.pk])
    return task


def address(route, *args):
    return reverse(f"portal:{route}", args=args)


def photo(name="a.jpg"):
    content = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def answer(client, task, kind, **given):
    item = ChecklistItem.objects.get(template__name="Of the test", item_type=kind)
    return client.post(address("answer", task.pk, item.pk), given)


def test_a_task_is_done_when_its_checklist_is(client, cleaner, task):
    client.force_login(cleaner)
    done = {"status": TaskStatus.COMPLETED}
    page = client.post(address("task_status", task.pk), done, follow=True).content.decode()
    assert "Missing" in page or "photo_required" in page
    assert Task.objects.get().status == TaskStatus.PENDING
    answer(client, task, ItemType.CHECK, done="1")
    answer(client, task, ItemType.NUMBER, number="2,5")
    answer(client, task, ItemType.PHOTO_REQUIRED, photos=photo())
    client.post(address("task_status", task.pk), done)
    assert Task.objects.get().status == TaskStatus.COMPLETED


def test_with_htmx_the_work_alone_comes_back(client, cleaner, task):
    client.force_login(cleaner)
    item = ChecklistItem.objects.get(template__name="Of the test", item_type="check")
    page = client.post(
        address("answer", task.pk, item.pk), {"done": "1"}, headers={"hx-request": "true"}
    ).content.decode()
    assert "<html" not in page
    assert "1 of 3 done" in page


def test_photos_from_before_and_after_stand_side_by_side(client, cleaner, task):
    client.force_login(cleaner)
    for kind in ("before", "after"):
        client.post(address("add_photos", task.pk), {"photos": [photo()], "image_type": kind})
    page = client.get(address("task", task.pk)).content.decode()
    pairing = page[page.index('class="pairing"') :]
    assert pairing.count("<img") == 2


def test_a_file_that_is_no_photo_is_refused_with_a_reason(client, cleaner, task):
    client.force_login(cleaner)
    fake = SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")
    page = client.post(address("add_photos", task.pk), {"photos": fake}, follow=True)
    assert "is-error" in page.content.decode()
    assert not TaskImage.objects.exists()


def test_of_several_photos_the_one_that_is_refused_is_named_and_the_others_stay(
    client, cleaner, task
):
    client.force_login(cleaner)
    fake = SimpleUploadedFile("notes.png", b"no photo", "image/png")
    data = {"photos": [photo("a.jpg"), fake, photo("b.jpg")]}
    page = client.post(address("add_photos", task.pk), data, follow=True).content.decode()
    assert "notes.png: The content is of no type that is known here" in page
    assert "webp" in page, "what is accepted is said"
    assert task.images.count() == 2


def test_a_photo_is_shown_to_whoever_sees_the_task_alone(client, cleaner, make_person, task):
    client.force_login(cleaner)
    client.post(address("add_photos", task.pk), {"photos": photo()})
    shown = client.get(reverse("task-image", args=[TaskImage.objects.get().pk]))
    assert shown["Content-Type"] == "image/jpeg"
    client.force_login(make_person(Role.VIEWER))
    assert client.get(reverse("task-image", args=[TaskImage.objects.get().pk])).status_code == 403


def test_whoever_brought_a_photo_takes_it_back(client, cleaner, task):
    client.force_login(cleaner)
    client.post(address("add_photos", task.pk), {"photos": photo()})
    client.post(address("remove_photo", task.pk, TaskImage.objects.get().pk))
    assert not TaskImage.objects.exists()


def test_a_manager_judges_photos(client, cleaner, manager, task):
    client.force_login(cleaner)
    client.post(address("add_photos", task.pk), {"photos": photo()})
    assert client.get(address("photos")).status_code == 403
    client.force_login(manager)
    assert "Approve" in client.get(address("photos")).content.decode()
    image = TaskImage.objects.get()
    client.post(address("review", image.pk), {"status": "rejected", "note": "too dark"})
    assert TaskImage.objects.get().review_note == "too dark"


def test_the_timer_runs_and_stops(client, cleaner, task):
    client.force_login(cleaner)
    client.post(address("timer", task.pk))
    assert Task.objects.get().status == TaskStatus.IN_PROGRESS
    assert "The timer runs since" in client.get(address("task", task.pk)).content.decode()
    client.post(address("timer", task.pk))
    assert "The timer runs since" not in client.get(address("task", task.pk)).content.decode()


def test_a_task_is_taken_muted_and_a_manager_called(client, cleaner, manager, task):
    client.force_login(cleaner)
    client.post(address("take", task.pk))
    assert Task.objects.get().assigned_to == cleaner
    client.post(address("mute", task.pk))
    assert "Tell me of it again" in client.get(address("task", task.pk)).content.decode()
    client.post(address("call_manager", task.pk), {"message": "No hot water"})
    assert Notification.objects.get(recipient=manager).changes == {"message": "No hot water"}


def test_whoever_only_looks_has_no_buttons(client, make_person, owl, task):
    owner = make_person(Role.VIEWER)
    owl.ownerships.create(user=owner)
    client.force_login(owner)
    page = client.get(address("task", task.pk)).content.decode()
    assert "Start the timer" not in page
    assert client.post(address("task_status", task.pk), {"status": "completed"}).status_code == 403


def test_a_manager_makes_and_changes_a_task(client, manager, cleaner, owl):
    client.force_login(manager)
    values = {
        "title": "Sweep",
        "property": owl.pk,
        "task_type": "cleaning",
        "description": "",
        "assigned_to": cleaner.pk,
        "day": "2028-01-03",
        "hour": "09:30",
    }
    client.post(address("new_task"), values)
    task = Task.objects.get()
    assert task.assigned_to == cleaner
    assert task.due_date == owl.check_out_at(date(2028, 1, 3)).replace(hour=9, minute=30)
    client.post(address("edit_task", task.pk), values | {"title": "Sweep well"})
    assert Task.objects.get().title == "Sweep well"


def test_the_page_costs_the_same_however_long_the_checklist_is(client, cleaner, task):
    client.force_login(cleaner)
    client.get(address("task", task.pk))
    with CaptureQueriesContext(connection) as first:
        client.get(address("task", task.pk))
    template = ChecklistTemplate.objects.get(name="Of the test")
    for number in range(10):
        ChecklistItem.objects.create(template=template, title=f"More {number}")
    client.post(address("add_photos", task.pk), {"photos": [photo(), photo("b.jpg")]})
    with CaptureQueriesContext(connection) as second:
        client.get(address("task", task.pk))
    assert len(second) <= len(first) <= 22
