"""People are told what concerns them, whichever door it came through."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from api.models import (
    DeliveryLease,
    DeviceToken,
    InventoryCategory,
    InventoryItem,
    Notification,
    Profile,
    Task,
    TaskImage,
    User,
)
from api.models.auth import Role
from api.models.notification import NotificationVerb
from api.models.task_choices import TaskStatus
from api.services.changes import making_changes
from api.services.inventory import start_stock
from api.services.notification import (
    count_unread,
    describe_notice,
    forget_device,
    list_notices,
    mark_all_read,
    mark_read,
    mark_unread,
    register_device,
    tell_people,
)
from django_modernize.context import change_context

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 12, 18, 17, tzinfo=UTC)


@pytest.fixture
def ann():
    return User.objects.create_user("ann", "ann@example.com")


@pytest.fixture
def bob():
    return User.objects.create_user("bob", "bob@example.com")


@pytest.fixture
def eve():
    return User.objects.create_user("eve", "eve@example.com")


@pytest.fixture
def task(owl, ann, bob):
    """A task that Ann made for Bob."""
    with change_context(actor=ann):
        return Task.objects.create(title="Clean", property=owl, assigned_to=bob)


def change(actor, act, source="manual"):
    with change_context(actor=actor, source=source), making_changes():
        act()


def told(*, read=False):
    """Return who is told what, as pairs of name and verb."""
    rows = Notification.objects.filter(read_at__isnull=not read)
    return sorted(rows.values_list("recipient__username", "verb"))


def update(task, **values):
    return lambda: Task.objects.filter(pk=task.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "verb"),
    [
        ({"status": TaskStatus.IN_PROGRESS}, "status_changed"),
        ({"due_date": DUE}, "due_changed"),
        ({"title": "Clean well"}, "title_changed"),
        ({"description": "With soap"}, "description_changed"),
    ],
)
def test_a_change_of_a_task_is_told_to_assignee_and_creator(eve, task, values, verb):
    change(eve, update(task, **values))
    assert told() == [("ann", verb), ("bob", verb)]


def test_whoever_made_the_change_is_not_told(bob, task):
    change(bob, update(task, status=TaskStatus.IN_PROGRESS))
    assert told() == [("ann", "status_changed")]


def test_whoever_muted_the_task_is_not_told(eve, bob, task):
    task.muted_by.add(bob)
    change(eve, update(task, status=TaskStatus.IN_PROGRESS))
    assert told() == [("ann", "status_changed")]


def test_whoever_has_left_is_not_told(eve, bob, task):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    change(eve, update(task, status=TaskStatus.IN_PROGRESS))
    assert told() == [("ann", "status_changed")]


def test_a_task_changes_hands_and_both_are_told(ann, eve, task):
    change(ann, update(task, assigned_to=eve))
    assert told() == [("bob", "unassigned"), ("eve", "assigned")]


def test_a_new_task_is_told_to_its_assignee_once(owl, ann, bob):
    def make():
        task = Task.objects.create(title="Clean", property=owl, assigned_to=bob)
        task.status = TaskStatus.IN_PROGRESS
        task.save()

    change(ann, make)
    assert told() == [("bob", "created")]


def test_a_task_for_oneself_is_told_to_nobody(owl, bob):
    change(bob, lambda: Task.objects.create(title="Clean", property=owl, assigned_to=bob))
    assert told() == []


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        (lambda photo: None, "photo_added"),
        (lambda photo: photo.delete(), "photo_deleted"),
        (lambda photo: photo.hard_delete(), "photo_deleted"),
        (lambda photo: TaskImage.objects.update(status="approved"), "photo_approved"),
        (lambda photo: TaskImage.objects.update(status="rejected"), "photo_rejected"),
    ],
    ids=["added", "deleted", "deleted for good", "approved", "rejected"],
)
def test_what_becomes_of_a_photo_is_told(eve, task, action, verb):
    if verb == "photo_added":
        change(eve, lambda: TaskImage.objects.bulk_create([TaskImage(task=task)]))
    else:
        (photo,) = TaskImage.objects.bulk_create([TaskImage(task=task)])
        change(eve, lambda: action(photo))
    assert told() == [("ann", verb), ("bob", verb)]


def test_one_word_about_one_matter_while_it_is_unread(eve, bob, task):
    for status in (TaskStatus.IN_PROGRESS, TaskStatus.PENDING, TaskStatus.COMPLETED):
        change(eve, update(task, status=status))
    notice = Notification.objects.get(recipient=bob)
    assert (notice.count, notice.changes) == (3, {"status": ["pending", "completed"]})
    mark_all_read(actor=bob)
    change(eve, update(task, status=TaskStatus.PENDING))
    assert Notification.objects.filter(recipient=bob).count() == 2
    assert count_unread(actor=bob) == 1


def test_what_is_as_it_was_at_the_end_of_a_block_is_not_told(eve, task):
    def twice():
        update(task, status=TaskStatus.IN_PROGRESS)()
        update(task, status=TaskStatus.PENDING)()

    change(eve, twice)
    assert told() == []


@pytest.mark.parametrize("source", ["excel_import", "system", "migration"])
def test_what_a_machine_does_is_told_to_the_assignee_and_not_to_the_creator(eve, task, source):
    change(eve, update(task, status=TaskStatus.CANCELLED), source=source)
    assert told() == [("bob", "status_changed")]


@pytest.mark.parametrize("write", ["save", "bulk_update", "sql"])
def test_every_way_to_write_is_told(eve, task, write):
    def act():
        task.status = TaskStatus.COMPLETED
        if write == "save":
            task.save()
        elif write == "bulk_update":
            Task.objects.bulk_update([task], ["status"])
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE api_task SET status = 'completed'")

    change(eve, act)
    assert told() == [("ann", "status_changed"), ("bob", "status_changed")]


def test_nothing_is_told_of_what_is_rolled_back(eve, task):
    def fail():
        update(task, status=TaskStatus.COMPLETED)()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(eve, fail)
    assert told() == []


def test_nothing_is_told_of_a_task_that_is_deleted_in_the_same_block(eve, task):
    def act():
        update(task, status=TaskStatus.COMPLETED)()
        task.delete()

    change(eve, act)
    assert told() == []


def test_inner_blocks_are_told_once(eve, task):
    def act():
        with making_changes():
            update(task, status=TaskStatus.COMPLETED)()

    change(eve, act)
    assert set(Notification.objects.values_list("count", flat=True)) == {1}


def test_thousands_of_tasks_are_told_of_in_as_many_statements_as_one(owl, ann, bob, eve):
    def count_statements(number):
        with CaptureQueriesContext(connection) as captured, change_context(actor=eve):
            with making_changes():
                Task.objects.bulk_create(
                    [Task(title="x", property=owl, assigned_to=bob) for _n in range(number)],
                )
            with making_changes():
                Task.objects.update(status=TaskStatus.IN_PROGRESS, assigned_to=ann)
        # How many rows SQLite takes at once is another matter.
        inserts = 'INSERT INTO "api_task"'
        return sum(not one["sql"].startswith(inserts) for one in captured.captured_queries)

    few = count_statements(3)
    Notification.objects.all().hard_delete()
    assert count_statements(1200) == few
    assert Notification.objects.filter(recipient=bob, verb="created").count() == 1200


def test_new_tasks_for_nobody_cost_the_statements_of_one(owl, eve):
    def count_statements(number):
        with CaptureQueriesContext(connection) as captured, change_context(actor=eve):
            with making_changes():
                Task.objects.bulk_create([Task(title="x", property=owl) for _n in range(number)])
            with making_changes():
                made = Task.objects.bulk_create(
                    [Task(title="y", property=owl) for _n in range(number)]
                )
                TaskImage.objects.bulk_create([TaskImage(task=one) for one in made])
                Task.objects.filter(title="y").update(status=TaskStatus.IN_PROGRESS)
        # How many rows SQLite takes at once is another matter.
        return sum(not one["sql"].startswith("INSERT INTO") for one in captured.captured_queries)

    assert count_statements(1) == count_statements(400)
    assert told() == []


def test_a_block_that_concerns_nobody_costs_seven_statements(owl, django_assert_max_num_queries):
    with django_assert_max_num_queries(7), making_changes():
        pass


def test_low_stock_is_told_to_managers(owl, ann, bob, task):
    Profile.objects.filter(user__in=[ann, bob]).update(role=Role.MANAGER)
    shelf = InventoryCategory.objects.create(name="Bath")
    item = InventoryItem.objects.create(category=shelf, name="Soap")
    manager = User.objects.get(pk=ann.pk)
    with change_context(actor=manager):
        start_stock(actor=manager, house=owl, item=item, par=Decimal(5), stock=Decimal(1))
    notice = Notification.objects.get(verb=NotificationVerb.LOW_STOCK)
    assert (notice.recipient, notice.property) == (bob, owl)
    assert describe_notice(notice) == "Restock Soap, Owl Point: stock is low"


def test_what_no_row_tells_is_told_by_name(ann, bob, eve, task):
    with change_context(actor=eve), making_changes():
        tell_people(recipients=[ann, eve], verb=NotificationVerb.ATTENTION, task=task)
    assert told() == [("ann", "attention")]


def test_nobody_sees_what_others_are_told(eve, ann, bob, task):
    change(eve, update(task, status=TaskStatus.COMPLETED))
    theirs = Notification.objects.get(recipient=bob)
    assert mark_read(actor=ann, keys=[theirs.pk]) == 0
    assert theirs not in list_notices(actor=ann)


def test_notices_are_listed_and_counted_in_one_statement_each(
    eve, bob, task, django_assert_num_queries
):
    for values in ({"title": "A"}, {"description": "B"}, {"due_date": DUE}):
        change(eve, update(task, **values))
    with django_assert_num_queries(1):
        assert len([describe_notice(one) for one in list_notices(actor=bob)]) == 3
    with django_assert_num_queries(1):
        assert count_unread(actor=bob) == 3


def test_notices_are_marked_as_read_and_unread(eve, bob, task, django_assert_num_queries):
    for _round in range(2):
        change(eve, update(task, status=TaskStatus.IN_PROGRESS))
        change(eve, update(task, status=TaskStatus.PENDING))
        mark_all_read(actor=bob)
    keys = [one.pk for one in list_notices(actor=bob)]
    assert len(keys) == 2
    with django_assert_num_queries(1):
        assert mark_unread(actor=bob, keys=keys) == 1
    assert [one.pk for one in list_notices(actor=bob, only_unread=True)] == [max(keys)]
    assert mark_unread(actor=bob, keys=keys) == 0
    with django_assert_num_queries(1):
        assert mark_read(actor=bob, keys=keys) == 1


def test_mail_goes_to_those_who_asked_for_it_after_the_commit(
    eve, bob, task, django_capture_on_commit_callbacks
):
    Profile.objects.filter(user=bob).update(email_notices=True)
    with django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, due_date=DUE))
        assert not mail.outbox
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.com"]
    assert sent.subject == "Clean, Owl Point: due date changed to Dec. 18, 2026, noon"
    assert Notification.objects.get(recipient=bob).emailed_at is not None
    with django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, due_date=DUE + timedelta(days=1)))
    assert len(mail.outbox) == 1


def test_a_mail_holds_no_description_and_no_contact(
    eve, bob, task, django_capture_on_commit_callbacks
):
    Profile.objects.filter(user=bob).update(email_notices=True)
    with django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, description="Call Ada, +49 170 1234", title="Clean\nwell"))
    text = str(mail.outbox[0].message())
    assert "1234" not in text
    assert "1234" not in str(Notification.objects.values_list("changes", flat=True))
    assert mail.outbox[0].subject == "2 notices"


def test_mail_is_in_the_language_of_its_reader(eve, bob, task, django_capture_on_commit_callbacks):
    Profile.objects.filter(user=bob).update(email_notices=True, language="de")
    with django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, title="Sauber", status=TaskStatus.COMPLETED))
    assert 'lang="de"' in mail.outbox[0].alternatives[0][0]


class BrokenPush:
    """A service that is down, until it is up again."""

    is_down = True
    sent = []

    def send(self, tokens, message):
        if self.is_down:
            raise OSError("down")
        self.sent.append((list(tokens), message.title))
        return ["old"]


def test_what_a_channel_fails_to_send_is_sent_by_the_next_run(
    eve, bob, task, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.ARISTAY_PUSH_BACKEND = f"{__name__}.BrokenPush"
    monkeypatch.setattr(BrokenPush, "sent", [])
    for token in ("new", "old"):
        register_device(actor=bob, token=token, platform="ios")
    with django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, status=TaskStatus.COMPLETED))
    assert Notification.objects.get(recipient=bob).pushed_at is None
    with pytest.raises(CommandError, match="1 could not be sent"):
        call_command("deliver_notices")
    monkeypatch.setattr(BrokenPush, "is_down", False)
    call_command("deliver_notices")
    call_command("deliver_notices")
    ((tokens, title),) = BrokenPush.sent
    assert sorted(tokens) == ["new", "old"]
    assert title == "Clean, Owl Point: status changed to completed"
    assert [one.token for one in DeviceToken.objects.all()] == ["new"]


def test_a_phone_is_of_one_person(ann, bob):
    register_device(actor=ann, token="t", platform="web")
    register_device(actor=bob, token="t", platform="web")
    assert DeviceToken.objects.get().user == bob
    assert not forget_device(actor=ann, token="t")
    assert forget_device(actor=bob, token="t")


def test_what_cannot_be_stored_does_not_keep_the_change_back(eve, task, monkeypatch):
    statement = "SELECT nothing FROM nowhere"
    monkeypatch.setattr("api.services.notification.storing.STORE", {connection.vendor: statement})
    with transaction.atomic():
        change(eve, update(task, status=TaskStatus.COMPLETED))
    assert Task.objects.get().status == TaskStatus.COMPLETED
    assert told() == []


def test_a_notice_says_how_often_it_happened(eve, bob, task):
    for _ in range(2):
        change(eve, update(task, status=TaskStatus.IN_PROGRESS))
        change(eve, update(task, status=TaskStatus.PENDING))
    (notice,) = list_notices(actor=bob)
    assert describe_notice(notice).endswith("status changed to pending (4 times)")


def test_without_a_service_for_phones_the_log_says_how_many_there_are(
    eve, bob, task, caplog, django_capture_on_commit_callbacks
):
    register_device(actor=bob, token="secret-token", platform="ios")
    with caplog.at_level("INFO"), django_capture_on_commit_callbacks(execute=True):
        change(eve, update(task, status=TaskStatus.COMPLETED))
    assert "A message for 1 phones" in caplog.messages
    assert "secret-token" not in caplog.text
    assert DeviceToken.objects.exists()


def test_a_lease_says_what_it_is_of(bob):
    assert str(DeliveryLease(user=bob, channel="email")) == "email to bob"
