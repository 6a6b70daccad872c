"""Tasks, photos and checklists in the admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from api.models import (
    ChecklistItem,
    ChecklistResponse,
    ChecklistTemplate,
    InviteCode,
    LostFoundItem,
    Task,
    TaskChecklist,
    TaskDependency,
    TaskImage,
)
from api.models.auth import Role
from tests.example.rows import Corner, make_user

pytestmark = pytest.mark.django_db

MODELS = [Task, TaskImage, ChecklistTemplate, TaskChecklist]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def corner(owl):
    return Corner(owl, worker=make_user())


def list_url(model):
    return reverse(f"admin:api_{model._meta.model_name}_changelist")


def change_url(row):
    return reverse(f"admin:api_{row._meta.model_name}_change", args=[row.pk])


def act(office, model, action, rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    answer = office.post(list_url(model), data, follow=True)
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_whatever_its_length(
    office, corner, model, django_assert_max_num_queries
):
    corner.make(model)
    office.get(list_url(model))
    with django_assert_max_num_queries(40) as few:
        office.get(list_url(model))
    for _ in range(4):
        corner.make(model)
    # A filter over a relation that has choices now adds one query, rows never.
    with django_assert_max_num_queries(len(few) + 1):
        assert office.get(list_url(model)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_row_can_be_opened(office, corner, model):
    assert office.get(change_url(corner.make(model))).status_code == 200


def test_tasks_are_completed_together_and_those_that_lack_something_named(office, corner):
    done, waiting = corner.make(Task, title="done"), corner.make(Task, title="late")
    TaskDependency.objects.create(task=waiting, needed=corner.make(Task, title="first"))
    told = act(office, Task, "complete_tasks", [done, waiting])
    assert told == ["1 tasks are “completed” now.", "late: Missing: the task “first” before it."]
    assert Task.objects.get(pk=done.pk).status == "completed"
    assert act(office, Task, "duplicate_tasks", [done]) == ["1 copies were made."]


def test_a_circle_and_a_completion_too_early_are_explained_in_the_form(office, corner):
    first, second = corner.make(Task, title="first"), corner.make(Task, title="second")
    TaskDependency.objects.create(task=second, needed=first)
    form = {
        "title": "first",
        "task_type": "cleaning",
        "status": "pending",
        "property": corner.house.pk,
        "dependencies-TOTAL_FORMS": 1,
        "dependencies-INITIAL_FORMS": 0,
        "dependencies-0-needed": second.pk,
    }
    answer = office.post(change_url(first), form)
    assert "The tasks would wait for one another" in answer.content.decode()
    form |= {"title": "second", "status": "completed", "dependencies-TOTAL_FORMS": 0}
    answer = office.post(change_url(second), form)
    assert "Missing: the task “first” before it" in answer.content.decode()
    assert TaskDependency.objects.count() == 1


def test_what_is_changed_in_the_form_is_locked_for_automation(office, corner):
    task = corner.make(Task)
    form = {
        "title": "Scrub",
        "task_type": task.task_type,
        "status": task.status,
        "property": corner.house.pk,
        "assigned_to": task.assigned_to_id,
        "dependencies-TOTAL_FORMS": 0,
        "dependencies-INITIAL_FORMS": 0,
    }
    assert office.post(change_url(task), form).status_code == 302
    assert Task.objects.get(pk=task.pk).locked_fields == ["title"]


def test_many_photos_are_judged_at_once(office, corner):
    images = [corner.make(TaskImage), corner.make(TaskImage)]
    assert act(office, TaskImage, "archive_images", images) == [
        "What is “pending” cannot become “archived”."
    ]
    assert act(office, TaskImage, "approve_images", images) == ["2 photos are “approved” now."]
    assert act(office, TaskImage, "reject_images", images) == ["2 photos are “rejected” now."]


def test_a_checklist_shows_its_answers_and_a_list_its_items(office, corner):
    response = corner.make(ChecklistResponse, note="two towels")
    page = office.get(change_url(response.checklist)).content.decode()
    assert "two towels" in page
    item = corner.make(ChecklistItem, title="Sweep")
    assert "Sweep" in office.get(change_url(item.template)).content.decode()


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("begin_tasks", "pending", "in_progress"),
        ("cancel_tasks", "in_progress", "cancelled"),
        ("reopen_tasks", "completed", "pending"),
    ],
)
def test_tasks_are_begun_cancelled_and_reopened_together(office, corner, action, before, after):
    rows = [corner.make(Task, status=before) for _ in range(2)]
    (told,) = act(office, Task, action, rows)
    assert told.startswith("2 tasks are")
    assert set(Task.objects.values_list("status", flat=True)) == {after}


def test_what_was_found_is_disposed_of_and_invites_are_withdrawn(office, corner):
    item, invite = corner.make(LostFoundItem), corner.make(InviteCode)
    act(office, LostFoundItem, "mark_disposed", [item])
    item.refresh_from_db()
    assert item.status == "disposed"
    act(office, InviteCode, "withdraw_selected", [invite])
    invite.refresh_from_db()
    assert invite.expires_at <= timezone.now()


def test_work_is_offered_and_given_only_to_who_may_do_it(office, corner):
    viewer, worker = make_user(Role.VIEWER), make_user(Role.STAFF)
    ask = {"app_label": "api", "model_name": "task", "field_name": "assigned_to", "term": ""}
    answer = office.get(reverse("admin:autocomplete"), ask).json()["results"]
    offered = {one["id"] for one in answer}
    assert str(worker.pk) in offered
    assert str(viewer.pk) not in offered
    task = corner.make(Task)
    form = office.get(change_url(task)).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if isinstance(value, str | int)}
    prefix = office.get(change_url(task)).context["inline_admin_formsets"][0].formset.prefix
    rows = {f"{prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    sent = {**given, **rows, "assigned_to": viewer.pk}
    page = office.post(change_url(task), sent)
    assert "may only look at tasks" in page.content.decode()
    assert Task.objects.get(pk=task.pk).assigned_to != viewer


def test_pages_of_the_admin_have_the_icon_of_the_portal(office):
    assert 'rel="icon" href="/static/api/icon' in office.get("/admin/").content.decode()
