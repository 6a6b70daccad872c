"""What the API refuses for the sake of what is stored: each a 409 with a code and its reasons."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from api import models
from api.models.task_choices import TaskStatus

from .factories import make_file, row
from .rows import Corner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


@pytest.fixture
def corner(owl, administrator):
    return Corner(owl, worker=administrator)


@pytest.fixture
def post(administrator):
    client = APIClient()
    client.force_authenticate(administrator)

    def send(path, body=None, **options):
        return client.post(f"/api/v1/{path}/", body or {}, **options)

    return send


def complete_cancelled_task(post, corner):
    task = corner.make(models.Task, status=TaskStatus.CANCELLED)
    return post(f"tasks/{task.pk}/status", {"status": "completed"})


def complete_waiting_task(post, corner):
    task = corner.make(models.TaskDependency).task
    return post(f"tasks/{task.pk}/status", {"status": "completed"})


def approve_approved_photo(post, corner):
    photo = corner.make(models.TaskImage, status="approved")
    return post("task-images/review", {"images": [photo.pk], "status": "approved"})


def claim_what_is_gone(post, corner):
    item = corner.make(models.LostFoundItem, status="donated")
    return post(f"lost-found/{item.pk}/status", {"status": "claimed", "claimed_by": "Ada"})


def answer_for_completed_task(post, corner):
    response = corner.make(models.ChecklistResponse)
    models.Task.objects.filter(pk=response.checklist.task_id).update(status="cancelled")
    answer = {"item": response.item_id, "note": "late"}
    return post(f"checklists/{response.checklist_id}/answer", answer)


def take_too_much(post, corner):
    stock = corner.make(models.PropertyInventory)
    return post(f"stocks/{stock.pk}/move", {"transaction_type": "stock_out", "amount": "6"})


def upload(post, *rows):
    file = SimpleUploadedFile("bookings.xlsx", make_file(*rows))
    return post("imports", {"file": file}, format="multipart").json()["id"]


def apply_all_of_a_part(post, corner):
    plan = upload(post, row(), row(code="HM2", property_label="Nowhere"))
    return post(f"imports/{plan}/apply", {"is_all_or_nothing": True})


def apply_twice(post, corner):
    plan = upload(post, row())
    assert post(f"imports/{plan}/apply").status_code == 202
    return post(f"imports/{plan}/apply")


def decide_what_is_clear(post, corner):
    plan = upload(post, row())
    key = models.BookingImportPlanRow.objects.get(plan=plan).pk
    return post(f"import-rows/{key}/decide", {"action": "skip"})


def undo_twice(post, corner):
    post(f"imports/{upload(post, row())}/apply")
    log = models.BookingImportLog.objects.get().pk
    assert post(f"import-logs/{log}/undo").status_code == 200
    return post(f"import-logs/{log}/undo")


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (complete_cancelled_task, "transition"),
        (complete_waiting_task, "incomplete"),
        (approve_approved_photo, "transition"),
        (claim_what_is_gone, "transition"),
        (answer_for_completed_task, "closed"),
        (take_too_much, "below_zero"),
        (apply_all_of_a_part, "unresolved"),
        (apply_twice, "plan_status"),
        (decide_what_is_clear, "settled"),
        (undo_twice, "undone"),
    ],
)
def test_what_is_stored_refuses_as_a_conflict_with_a_code_and_its_reason(post, corner, act, code):
    answer = act(post, corner)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, code), problem
    assert problem["type"] == f"urn:aristay:problem:{code}"
    assert problem["conflicts"] == [problem["detail"]]
