"""Checklists: one for a task, one answer for an item, and nothing completed before its time."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from api.models import (
    ChecklistItem,
    ChecklistResponse,
    ChecklistTemplate,
    Task,
    TaskChecklist,
    TaskImage,
)
from api.models.auth import Role, TaskGroup
from api.models.completion import find_lacks
from api.models.task_choices import TaskType
from api.services import checklist as answers
from api.services.checklist import answer_item, attach_checklists, read_lines, with_progress
from api.services.task import create_task, duplicate_task, set_status
from api.services.task_image import review_images
from tests.images import make_png, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _no_other_checklists(db):
    ChecklistTemplate.objects.update(is_active=False)


@pytest.fixture
def template(db):
    return ChecklistTemplate.objects.create(name="House", task_type=TaskType.CLEANING)


@pytest.fixture
def make_item(template):
    def make(title, item_type="check", **values):
        return ChecklistItem.objects.create(
            **{"template": template, "title": title, "item_type": item_type, **values}
        )

    return make


@pytest.fixture
def task(owl, template):
    made = Task.objects.create(title="Clean", property=owl, task_type=TaskType.CLEANING)
    attach_checklists([made.pk])
    return made


def list_lacks(task):
    return [str(lack) for lack in find_lacks([task.pk]).get(task.pk, ())]


def test_a_task_gets_the_newest_active_checklist_of_its_type_once(owl, template, task):
    assert task.checklists.get().template == template
    assert attach_checklists([task.pk]) == 0
    other = Task.objects.create(title="Mow", property=owl, task_type=TaskType.LAWN_POOL)
    assert attach_checklists([other.pk]) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskChecklist.objects.create(task=task, template=template)


def test_thousands_of_tasks_get_checklists_in_a_few_statements(owl, template):
    def count(number):
        tasks = Task.objects.bulk_create(
            Task(title="Clean", property=owl, task_type=TaskType.CLEANING) for _ in range(number)
        )
        with CaptureQueriesContext(connection) as captured:
            assert attach_checklists([task.pk for task in tasks]) == number
        return len(captured)

    assert count(2) == count(40) <= 4


def test_a_task_that_a_person_makes_has_its_checklist_and_so_has_its_copy(
    owl, template, make_item, manager
):
    task = create_task(actor=manager, title="Clean", property=owl, task_type=TaskType.CLEANING)
    item = make_item("Beds")
    answer_item(actor=manager, task=task, item=item, is_done=True)
    copy = duplicate_task(actor=manager, task=task)
    assert copy.checklists.get().template == template
    assert [line.response for line in read_lines(copy)] == [None]


REQUIRED = {
    "check": ("check", True, "“Beds”"),
    "text": ("text", True, "“Beds”"),
    "number": ("number", True, "“Beds”"),
    "required photo": ("photo_required", False, "a photo of “Beds”"),
    "blocking": ("blocking", False, "“Beds”, which blocks everything"),
}


@pytest.mark.parametrize(("item_type", "is_required", "lack"), REQUIRED.values(), ids=REQUIRED)
def test_a_task_is_completed_only_with_its_required_items_by_any_door(
    task, make_item, cleaner, item_type, is_required, lack
):
    item = make_item("Beds", item_type, is_required=is_required)
    assert list_lacks(task) == [lack]
    task.status = "completed"
    for write in (
        lambda: set_status(actor=cleaner, task=task, status="completed"),
        task.save,
        task.full_clean,
        lambda: Task.objects.update(status="completed"),
        lambda: Task.objects.bulk_update([task], ["status"]),
    ):
        with pytest.raises(ValidationError, match="Missing: ") as caught:
            write()
        assert caught.value.error_dict["status"][0].code == "incomplete"
    answers = {
        "text": {"text": "two"},
        "number": {"number": "2.5"},
        "photo_required": {"photo": upload(make_png())},
    }
    answer = answers.get(item_type, {"is_done": True})
    answer_item(actor=cleaner, task=task, item=item, **answer)
    assert list_lacks(task) == []
    set_status(actor=cleaner, task=task, status="completed")
    assert Task.objects.get().status == "completed"


@pytest.mark.parametrize("item_type", ["check", "text", "number", "photo_optional"])
def test_what_is_optional_keeps_no_task_from_being_completed(task, make_item, cleaner, item_type):
    make_item("Balcony", item_type, is_required=item_type == "photo_optional")
    make_item("Gone").delete()
    set_status(actor=cleaner, task=task, status="completed")


def test_a_rejected_photo_is_none(task, make_item, cleaner, manager):
    item = make_item("Beds", "photo_required")
    answer_item(actor=cleaner, task=task, item=item, photo=upload(make_png()))
    (image,) = TaskImage.objects.all()
    assert (image.image_type, image.response.item) == ("checklist", item)
    review_images(actor=manager, images=[image], status="rejected", note="dark")
    assert list_lacks(task) == ["a photo of “Beds”"]
    assert not read_lines(task)[0].is_done
    review_images(actor=manager, images=[image], status="approved")
    assert list_lacks(task) == []


def test_what_lacks_is_asked_for_many_tasks_in_two_queries(
    owl, template, make_item, django_assert_num_queries
):
    make_item("Beds", order=2)
    make_item("Gas off", "blocking", order=1)
    tasks = [
        Task.objects.create(title="Clean", property=owl, task_type=TaskType.CLEANING)
        for _ in range(5)
    ]
    attach_checklists([task.pk for task in tasks])
    with django_assert_num_queries(2):
        lacks = find_lacks([task.pk for task in tasks])
    assert {key: [lack.title for lack in found] for key, found in lacks.items()} == {
        task.pk: ["Gas off", "Beds"] for task in tasks
    }


def test_an_item_has_one_answer_that_changes_and_is_taken_back(task, make_item, cleaner, manager):
    check, text, number = make_item("Beds"), make_item("Smell", "text"), make_item("°C", "number")
    answer_item(actor=cleaner, task=task, item=check, is_done=True)
    response = answer_item(actor=manager, task=task, item=check, is_done=False, note="two missing")
    assert (response.is_done, response.done_by, response.note) == (False, None, "two missing")
    response = answer_item(actor=cleaner, task=task, item=text, text=" none ")
    assert (response.text, response.is_done, response.done_by) == ("none", True, cleaner)
    assert not answer_item(actor=cleaner, task=task, item=text, text=" ").is_done
    assert answer_item(actor=cleaner, task=task, item=number, number="21.5").number == Decimal(
        "21.5"
    )
    assert not answer_item(actor=cleaner, task=task, item=number, number="").is_done
    assert ChecklistResponse.objects.count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        ChecklistResponse.objects.create(checklist=task.checklists.get(), item=check)


def test_an_answer_goes_with_the_type_of_its_item(task, make_item, cleaner):
    check, number = make_item("Beds"), make_item("°C", "number")
    for item, answer in (
        (check, {"text": "yes"}),
        (check, {}),
        (number, {"is_done": True}),
        (number, {"number": "warm"}),
        (number, {"number": "1e30"}),
    ):
        with pytest.raises(ValidationError):
            answer_item(actor=cleaner, task=task, item=item, **answer)
    assert not ChecklistResponse.objects.exists()


def test_an_item_of_another_checklist_is_refused(task, cleaner):
    other = ChecklistTemplate.objects.create(name="Garden")
    item = ChecklistItem.objects.create(template=other, title="Lawn")
    with pytest.raises(ValidationError, match="no such item"):
        answer_item(actor=cleaner, task=task, item=item, is_done=True)


def test_a_completed_task_keeps_its_answers(task, make_item, cleaner):
    item = make_item("Beds", is_required=False)
    set_status(actor=cleaner, task=task, status="completed")
    with pytest.raises(ValidationError, match="reopen it"):
        answer_item(actor=cleaner, task=task, item=item, is_done=True)


def test_who_does_not_work_on_a_task_answers_nothing(task, make_item, make_person):
    item = make_item("Beds")
    gardener = make_person(Role.STAFF, task_group=TaskGroup.LAWN_POOL)
    for person in (gardener, make_person(Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            answer_item(actor=person, task=task, item=item, is_done=True)


def test_a_checklist_is_read_in_four_queries(task, make_item, cleaner, django_assert_num_queries):
    for number in range(5):
        item = make_item(f"Room {number}", "photo_optional", order=9 - number)
        answer_item(actor=cleaner, task=task, item=item, photo=upload(make_png()))
    with django_assert_num_queries(4):
        lines = read_lines(task)
    assert [line.item.title for line in lines] == [f"Room {number}" for number in (4, 3, 2, 1, 0)]
    assert all(line.is_done and len(line.photos) == 1 for line in lines)


def test_a_list_tells_progress_in_one_query(
    owl, task, make_item, cleaner, django_assert_num_queries
):
    make_item("Beds")
    answer_item(actor=cleaner, task=task, item=make_item("Floor"), is_done=True)
    Task.objects.create(title="Mow", property=owl)
    with django_assert_num_queries(1):
        rows = list(with_progress(Task.objects.order_by("pk")))
    assert [(row.item_count, row.done_count) for row in rows] == [(2, 1), (0, 0)]


def test_a_task_gets_no_checklist_where_none_is_in_use(owl, template):
    ChecklistTemplate.objects.update(is_active=False)
    task = Task.objects.create(title="Clean", property=owl, task_type=TaskType.CLEANING)
    assert attach_checklists([task.pk]) == 0


def test_a_note_by_itself_answers_nothing(task, make_item, cleaner):
    item = make_item("Beds")
    answer_item(actor=cleaner, task=task, item=item, note="Where is the linen?")
    response = ChecklistResponse.objects.get()
    assert (response.note, response.is_done, response.done_by) == (
        "Where is the linen?",
        False,
        None,
    )


def test_an_item_takes_only_so_many_photos(task, make_item, cleaner, monkeypatch):
    monkeypatch.setattr(answers, "PHOTO_LIMIT", 1)
    item = make_item("Beds", "photo_optional")
    answer_item(actor=cleaner, task=task, item=item, photo=upload(make_png()))
    with pytest.raises(ValidationError, match="enough photos"):
        answer_item(actor=cleaner, task=task, item=item, photo=upload(make_png()))
    assert TaskImage.objects.count() == 1
