"""Tasks, checklists and photos over the API: what each address does, beside who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from api.models import ChecklistItem, ChecklistTemplate, TaskImage
from api.models.auth import Role, TaskGroup
from api.models.task_choices import TaskType
from api.services.checklist import attach_checklists
from tests.example.rows import make_user, take_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def client_of(role, **profile):
    client = APIClient()
    client.person = make_user(role, **profile)
    client.force_authenticate(client.person)
    return client


@pytest.fixture
def office():
    return client_of(Role.MANAGER)


def post(client, task, path, **data):
    return client.post(f"/api/v1/tasks/{task.pk}/{path}/", data)


def test_a_task_is_made_changed_and_locked_over_the_api(office, owl):
    made = office.post("/api/v1/tasks/", {"title": "Mow", "property": owl.pk})
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    address = f"/api/v1/tasks/{made.json()['id']}/"
    changed = office.patch(address, {"title": "Mow all", "status": "pending"}).json()
    assert (changed["title"], changed["status"]) == ("Mow all", "pending")
    refused = office.patch(address, {"title": "Mow it", "status": "completed"})
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["status"])
    assert (changed["locked_fields"], changed["modified_via"]) == (["title"], "api")
    assert office.post(f"{address}attach-fields/", {}).json()["locked_fields"] == []
    assert office.post(f"{address}duplicate/").status_code == 201


def test_a_task_that_lacks_something_says_so_with_a_code(office, make_task):
    after, before = make_task("fold"), make_task("wash")
    assert post(office, after, "add-dependency", needed=before.pk).status_code == 204
    refused = post(office, after, "status", status="completed")
    assert (refused.status_code, refused.json()["code"]) == (409, "incomplete")
    lacks = office.get(f"/api/v1/tasks/{after.pk}/lacks/").json()
    assert lacks == [{"kind": "dependency", "key": before.pk, "title": "wash"}]
    assert post(office, before, "add-dependency", needed=after.pk).status_code == 409
    assert office.get("/api/v1/task-dependencies/").json()["results"][0]["needed"] == before.pk
    assert post(office, after, "remove-dependency", needed=before.pk).status_code == 204
    assert post(office, after, "status", status="completed").json()["status"] == "completed"


def test_a_task_that_one_does_not_see_is_not_named_by_the_one_that_waits_for_it(office, make_task):
    after, before = make_task("fold"), make_task("wash", task_type=TaskType.MAINTENANCE)
    assert post(office, after, "add-dependency", needed=before.pk).status_code == 204
    cleaner = client_of(Role.STAFF, task_group=TaskGroup.CLEANING)
    assert cleaner.get(f"/api/v1/tasks/{before.pk}/").status_code == 404
    (lack,) = cleaner.get(f"/api/v1/tasks/{after.pk}/lacks/").json()
    assert (lack["kind"], lack["title"]) == ("dependency", "")
    one = post(cleaner, after, "status", status="completed")
    many = cleaner.post("/api/v1/tasks/statuses/", {"tasks": [after.pk], "status": "completed"})
    for refused in (one.content.decode(), many.content.decode()):
        assert "a task before it that you may not see" in refused
        assert "wash" not in refused


def test_many_tasks_get_a_status_and_those_that_cannot_are_named(office, make_task):
    good, bad = make_task(), make_task(status="cancelled")
    answer = office.post(
        "/api/v1/tasks/statuses/", {"tasks": [good.pk, bad.pk], "status": "completed"}
    ).json()
    assert answer["changed"] == [good.pk]
    assert answer["refused"][0]["task"] == bad.pk
    counts = office.get("/api/v1/tasks/counts/", {"status": "completed"}).json()
    assert (counts["completed"], counts["cancelled"]) == (1, 0)


def test_a_task_is_assigned_taken_muted_timed_and_called_for(office, make_task):
    cleaner = client_of(Role.STAFF, task_group=TaskGroup.CLEANING)
    task = make_task()
    assert post(cleaner, task, "assign-to-me").json()["assigned_to"] == cleaner.person.pk
    assert post(cleaner, task, "assign", assigned_to=None).status_code == 403
    assert post(office, task, "assign", assigned_to=None).json()["assigned_to"] is None
    assert post(cleaner, task, "mute").status_code == 204
    assert post(cleaner, task, "unmute").status_code == 204
    assert post(cleaner, task, "notify-manager", message="No water").json() == {"told": 1}
    assert post(cleaner, task, "start-timer").json()["task"] == task.pk
    assert cleaner.post("/api/v1/tasks/stop-timer/").json()["ended_at"]
    assert cleaner.post("/api/v1/tasks/stop-timer/").status_code == 204


def list_titles(client, **parameters):
    rows = client.get("/api/v1/tasks/", parameters).json()["results"]
    return {row["title"] for row in rows}


def test_a_list_is_narrowed_down_to_mine_a_team_a_house_a_status_and_days(office, make_task, crane):
    make_task("mine", assigned_to=office.person, due_date="2027-03-02T00:00Z")
    make_task("wash", task_type=TaskType.LAUNDRY, due_date="2027-03-09T00:00Z")
    make_task("far", property=crane, status="cancelled")
    assert list_titles(office, mine="true") == {"mine"}
    assert list_titles(office, mine="false") == {"wash", "far"}
    assert list_titles(office, team="laundry") == {"wash"}
    assert list_titles(office, property=crane.pk) == {"far"}
    assert list_titles(office, status__in="pending,completed") == {"mine", "wash"}
    days = {"due_date__gte": "2027-03-02T00:00:00Z", "due_date__lt": "2027-03-09T00:00:00Z"}
    assert list_titles(office, **days) == {"mine"}


def test_a_checklist_is_shown_and_answered_item_by_item(make_task):
    cleaner = client_of(Role.STAFF, task_group=TaskGroup.CLEANING)
    ChecklistTemplate.objects.update(is_active=False)
    template = ChecklistTemplate.objects.create(name="House", task_type=TaskType.CLEANING)
    kinds = ("check", "number", "photo_required")
    items = {
        kind: ChecklistItem.objects.create(template=template, title=kind, item_type=kind)
        for kind in kinds
    }
    task = make_task()
    attach_checklists([task.pk])
    (checklist,) = cleaner.get("/api/v1/checklists/", {"task": task.pk}).json()["results"]
    address = f"/api/v1/checklists/{checklist['id']}/"
    answers = {"check": {"is_done": True}, "number": {"number": "21.5"}}
    for kind, answer in answers.items():
        line = cleaner.post(f"{address}answer/", {"item": items[kind].pk, **answer}).json()
        assert line["is_done"], line
    photo = {"item": items["photo_required"].pk, "photo": take_photo()}
    assert cleaner.post(f"{address}answer/", photo, format="multipart").json()["photos"]
    wrong = cleaner.post(f"{address}answer/", {"item": items["check"].pk, "number": 1})
    assert wrong.status_code == 400
    lines = cleaner.get(f"{address}lines/").json()
    assert [line["is_done"] for line in lines] == [True, True, True]
    row = cleaner.get(f"/api/v1/tasks/{task.pk}/").json()
    assert (row["item_count"], row["done_count"]) == (3, 3)
    assert cleaner.patch(address, {}).status_code == 405


def test_a_photo_is_sent_judged_served_deleted_and_brought_back(office, make_task):
    cleaner = client_of(Role.STAFF, task_group=TaskGroup.CLEANING)
    data = {"task": make_task().pk, "image": take_photo(), "image_type": "after"}
    sent = cleaner.post("/api/v1/task-images/", data, format="multipart")
    assert (sent.status_code, sent.json()["status"]) == (201, "pending"), sent.content
    key = sent.json()["id"]
    judged = office.post("/api/v1/task-images/review/", {"images": [key], "status": "approved"})
    assert judged.json()[0]["reviewed_by"] == office.person.pk
    again = office.post("/api/v1/task-images/review/", {"images": [key], "status": "pending"})
    assert again.json()["code"] == "transition"
    picture = cleaner.get(f"/api/v1/task-images/{key}/file/")
    assert picture.getvalue()
    assert picture["Content-Type"] == "image/png"
    boss = client_of(Role.SUPERUSER)
    assert boss.delete(f"/api/v1/task-images/{key}/").status_code == 204
    assert not TaskImage.objects.exists()
    assert boss.post(f"/api/v1/task-images/{key}/restore/").status_code == 200
    assert TaskImage.objects.filter(pk=key).exists()
    wrong = {"task": data["task"], "image": "no file"}
    refused = cleaner.post("/api/v1/task-images/", wrong, format="multipart")
    assert refused.status_code == 400


def test_a_change_answers_with_the_whole_row(office, make_task):
    address = f"/api/v1/tasks/{make_task().pk}/"
    shown = office.get(address).json()
    assert office.patch(address, {"title": "Air"}).json().keys() == shown.keys()
    assert shown["assignee_name"] is None


def test_tasks_come_by_the_day_they_are_due(office, make_task):
    late, soon, never = make_task(), make_task(), make_task()
    for task, day in ((late, 9), (soon, 2)):
        office.patch(f"/api/v1/tasks/{task.pk}/", {"due_date": f"2027-01-0{day}T12:00:00Z"})
    found = office.get("/api/v1/tasks/?ordering=due_date").json()["results"]
    assert [one["id"] for one in found] == [soon.pk, late.pk, never.pk]


@pytest.mark.parametrize(
    "query", ["mine=perhaps", "due_date__isnull=2", "status__in=pending,done", "lvl=low"]
)
def test_a_filter_that_would_be_ignored_is_refused(office, query):
    answer = office.get(f"/api/v1/tasks/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


@pytest.mark.parametrize(
    ("query", "count"), [("mine=TRUE", 0), ("mine=0", 1), ("status__in=pending,completed", 1)]
)
def test_a_filter_that_is_known_narrows_down(office, make_task, query, count):
    make_task()
    assert len(office.get(f"/api/v1/tasks/?{query}").json()["results"]) == count


def test_a_photo_that_is_none_is_refused_by_its_field(office, make_task):
    file = SimpleUploadedFile("photo.png", b"no picture")
    values = {"task": make_task().pk, "image": file}
    answer = office.post("/api/v1/task-images/", values, format="multipart")
    assert list(answer.json()["errors"]) == ["image"]


def test_a_task_for_who_may_only_look_is_refused_with_the_reason(office, make_task):
    viewer, task = make_user(Role.VIEWER), make_task()
    refused = post(office, task, "assign", assigned_to=viewer.pk)
    assert refused.status_code == 400
    assert "may only look at tasks" in str(refused.json()["errors"]["assigned_to"])
    refused = office.patch(f"/api/v1/tasks/{task.pk}/", {"assigned_to": viewer.pk})
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["assigned_to"])
