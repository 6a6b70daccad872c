"""What AriStay's rows are called, and what they answer by themselves."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F, Value

from api import models
from api.models.auth import InviteUse, PasswordResetLog, Role
from api.models.import_plan import PlanStatus, RowOutcome
from api.models.notification import DigestRun
from api.models.task_choices import TaskStatus
from django_modernize.context import change_context

ANN = models.User(username="ann")
HOUSE = models.Property(name="Owl Point")
TOWELS = models.InventoryItem(name="Towels")
STOCK = models.PropertyInventory(item=TOWELS, property=HOUSE)
CLEANING = models.Task(pk=3, title="Clean")
UMBRELLA = models.LostFoundItem(title="Umbrella")
NOON = datetime(2026, 12, 18, 12, tzinfo=UTC)

CALLED = {
    "ann, staff": models.Profile(user=ANN, role=Role.STAFF),
    "invite 7": models.InviteCode(pk=7),
    "for Ben": models.InviteCode(pk=7, note="for Ben"),
    "ann, invited by “for Ben”": InviteUse(user=ANN, invite=models.InviteCode(note="for Ben")),
    "ann: requested": PasswordResetLog(user=ANN, action=PasswordResetLog.Action.REQUESTED),
    "ann, owner of Owl Point": models.PropertyOwnership(user=ANN, property=HOUSE),
    "Owl Point": HOUSE,
    "Ada, 2026-12-18 to 2026-12-18": models.Booking(
        guest_name="Ada", check_in=NOON, check_out=NOON
    ),
    "Clean": CLEANING,
    "ann on “Clean”": models.TaskWork(user=ANN, task=CLEANING),
    "task 3 after 4": models.TaskDependency(task_id=3, needed_id=4),
    "photo of Clean": models.TaskImage(task=CLEANING),
    "Towels in Owl Point": STOCK,
    "+3 Towels in Owl Point": models.InventoryTransaction(inventory=STOCK, change=3),
    "-3 Towels in Owl Point": models.InventoryTransaction(inventory=STOCK, change=-3),
    "Linen": models.InventoryCategory(name="Linen"),
    "Umbrella": UMBRELLA,
    "photo of Umbrella": models.LostFoundPhoto(item=UMBRELLA),
    "ios of ann": models.DeviceToken(user=ANN, platform="ios"),
    "ann, 2026-12-18": DigestRun(user=ANN, day=NOON.date()),
    "2026-12-18 to 2026-12-21": models.CalendarEvent(
        starts_on=date(2026, 12, 18), ends_on=date(2026, 12, 21)
    ),
    "plan.xlsx": models.BookingImportPlan(file_name="plan.xlsx"),
    "Platform": models.BookingImportTemplate(name="Platform"),
    "Owl": models.BookingImportLabel(label="Owl"),
    "row 7: in conflict": models.BookingImportPlanRow(row_number=7, outcome=RowOutcome.CONFLICT),
    "stays: booking 7 set aside": models.ModernisationRecord(
        phase="stays", model="booking", object_id=7, action="set_aside"
    ),
    "a key": models.IdempotencyKey(key="a key"),
}


@pytest.mark.parametrize("name", CALLED)
def test_a_row_is_called_by_what_people_know_it_by(name):
    assert str(CALLED[name]) == name


def test_a_notice_is_called_by_what_happened_to_what():
    notice = models.Notification(verb="photo_approved", matter="Owl Point")
    assert str(notice) == f"{notice.get_verb_display()}: Owl Point"


@pytest.mark.parametrize("mapping", [["Guest"], {"guest": 3}, "guest", None])
def test_a_mapping_of_columns_maps_texts_to_texts(mapping):
    template = models.BookingImportTemplate(name="Platform", column_mapping=mapping)
    with pytest.raises(ValidationError) as refused:
        template.clean()
    assert refused.value.error_dict["column_mapping"][0].code == "mapping"


def test_a_mapping_of_columns_may_be_empty():
    models.BookingImportTemplate(name="Platform").clean()
    models.BookingImportTemplate(name="Platform", column_mapping={"guest": "Gast"}).clean()


def test_a_plan_is_being_worked_on_until_people_are_asked():
    working = [
        status for status in PlanStatus if models.BookingImportPlan(status=status).is_working
    ]
    assert working == [PlanStatus.UPLOADED, PlanStatus.PLANNING, PlanStatus.APPLYING]


def test_a_plan_without_rows_has_done_nothing_yet():
    assert models.BookingImportPlan().percent_done == 0
    assert models.BookingImportPlan(row_count=3, done_count=2).percent_done == 66


def test_a_row_of_a_plan_tells_what_differs_in_words():
    row = models.BookingImportPlanRow(changes={"guest_name": ["Ada", "Ada Lee"]})
    assert row.differences == [("guest name", "Ada", "Ada Lee")]


@pytest.fixture
def task(owl):
    return models.Task.objects.create(title="Clean", property=owl)


def test_a_status_may_be_given_as_a_plain_value(task):
    models.Task.objects.update(status=Value(TaskStatus.COMPLETED.value))
    task.refresh_from_db()
    assert task.status == TaskStatus.COMPLETED
    assert task.completed_at
    with pytest.raises(ValidationError):
        models.Task.objects.update(status=Value(TaskStatus.WAITING_DEPENDENCY.value))


def test_a_status_that_only_the_database_knows_is_refused(task):
    with pytest.raises(ValueError, match="Name the status itself"):
        models.Task.objects.update(status=F("title"))


def test_a_row_that_somebody_deleted_meanwhile_stops_no_other(task, owl):
    gone = models.Task.objects.create(title="Gone", property=owl)
    models.Task.objects.filter(pk=gone.pk).hard_delete()
    for one in (gone, task):
        one.status = TaskStatus.COMPLETED
    models.Task.objects.bulk_update([gone, task], ["status"])
    assert models.Task.objects.get().status == TaskStatus.COMPLETED


def test_a_value_that_no_rule_sets_is_written_without_a_lock(task, manager):
    with change_context(actor=manager, source="manual"):
        models.Task.objects.update(completed_at=None)
        assert models.Task.objects.get().locked_fields == []
        models.Task.objects.update(title="Sweep")
    assert models.Task.objects.get().locked_fields == ["title"]
