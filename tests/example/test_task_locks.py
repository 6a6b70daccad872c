"""Whoever writes tasks, photos and stocks takes the locks in one order, and undoes nobody's work.

Each meeting stops the first of two before one of its statements, until the second one waits for
it or is through. See ``api.services.locking`` for the order.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from api import models
from api.models import Property, Task, User
from api.models.auth import Role
from api.services import task as tasks
from api.services import task_image as photos
from api.services.booking import change_booking
from api.services.inventory import change_stock, start_stock
from api.services.notification import mark_all_read
from api.services.recycle import delete_row
from api.services.task_template.changing import run_rule
from api.services.task_template.schedules import change_schedule
from django_modernize.autotasks.schedules import list_schedules, run_schedules
from django_modernize.autotasks.steps import Action
from tests.connections import PATIENCE, is_waiting, wait_until

from .rows import Corner, make_user, take_photo

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has one writer at a time"),
]


@dataclass
class Meeting:
    """Two who do something at once, on a connection each."""

    before: str
    """What the statement says before which the first one stops."""

    second: int | None = None

    def __post_init__(self):
        self.has_stopped, self.is_through = threading.Event(), threading.Event()

    def hold(self, *acts):
        """Do both, and return what each of them raised, if it may be told to a person."""
        steps = (self.go_first, self.go_second)
        with ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(step, act) for step, act in zip(steps, acts, strict=True)]
            outcomes = [one.result(timeout=4 * PATIENCE) for one in calls]
        assert self.was_met, f"The first one has no statement with {self.before}."
        return outcomes

    def go_first(self, act):
        self.was_met = False
        try:
            with connection.execute_wrapper(self.stop):
                return attempt(act)
        finally:
            self.has_stopped.set()
            connection.close()

    def go_second(self, act):
        assert self.has_stopped.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.second = cursor.fetchone()[0]
        try:
            return attempt(act)
        finally:
            self.is_through.set()
            connection.close()

    def stop(self, execute, sql, params, many, context):
        if self.before in sql and not self.was_met:
            self.was_met = True
            self.has_stopped.set()
            wait_until(lambda: self.is_through.is_set() or self.is_held_up())
        return execute(sql, params, many, context)

    def is_held_up(self):
        return self.second is not None and is_waiting(self.second)


def attempt(act):
    try:
        act()
    except (ValidationError, ObjectDoesNotExist) as refusal:
        return type(refusal)
    return None


@pytest.fixture
def world(db, settings, tmp_path):
    """A house with work in it, and people whom it concerns."""
    settings.MEDIA_ROOT = tmp_path
    boss, worker = make_user(Role.SUPERUSER), make_user(Role.STAFF)
    house = Property.objects.create(name="Owl Point")
    corner = Corner(house, worker=worker)
    models.AutoTaskTemplate.objects.all().delete()
    # The one that comes later has the lower key.
    last, first, second = (corner.make(Task) for _number in range(3))
    for one in (first, second):
        tasks.add_dependency(actor=boss, task=last, needed=one)
    soap = corner.make(models.InventoryItem)
    stock = start_stock(actor=boss, house=house, item=soap, par=Decimal(8), stock=Decimal(9))
    return SimpleNamespace(**locals())


def again(row):
    """Return a row as another request reads it."""
    return type(row)._base_manager.get(pk=row.pk)


def cancel(world, name="first"):
    return lambda: tasks.set_status(
        actor=again(world.boss), task=again(getattr(world, name)), status="cancelled"
    )


def begin_all(world):
    rows = [again(world.last), again(world.first)]
    return lambda: tasks.set_statuses(actor=again(world.boss), tasks=rows, status="in_progress")


def delete(row):
    return lambda: delete_row(actor=User.objects.get(is_superuser=True), row=again(row))


def use_soap(world, amount=1, task=None):
    return lambda: change_stock(
        actor=again(world.worker),
        inventory=again(world.stock),
        transaction_type="stock_out",
        amount=Decimal(amount),
        task=task,
    )


def add_photo(world):
    return photos.add_image(actor=world.boss, task=world.first, image=take_photo())


def review(photo):
    boss = User.objects.get(is_superuser=True)
    return lambda: photos.review_images(actor=boss, images=[again(photo)], status="rejected")


def meet_after(world):
    """The one that comes later is written with the one before it, and both with many."""
    cancel(world, "second")()
    return cancel(world), begin_all(world)


def meet_house(world):
    """People are told of a task and its house, which somebody deletes."""
    return cancel(world), delete(world.house)


def meet_short(world):
    """A stock that is short gets a task, in a house that somebody deletes."""
    return use_soap(world), delete(world.house)


def meet_use(world):
    """A task that somebody deletes is the one to buy more, and named in the stock's book."""
    use_soap(world)()
    task = again(world.stock).restock_task
    return use_soap(world, task=task), delete(task)


def meet_review(world):
    """People are told of a photo's task, which somebody deletes."""
    photo = add_photo(world)
    Task.objects.filter(pk=world.first.pk).update(assigned_to=world.worker)
    return review(photo), delete(world.first)


def make_schedule(world):
    return models.ScheduleTemplate.objects.create(
        name="Lawn",
        rule="FREQ=DAILY",
        first_day=date(2026, 1, 1),
        title="Mow",
        property=world.house,
    )


def meet_schedule(world):
    """A schedule makes tasks in a house that somebody deletes."""
    make_schedule(world)
    (schedule,) = list_schedules()
    return lambda: run_schedules(schedule), delete(world.house)


def make_rule_and_task(world):
    rule = models.AutoTaskTemplate.objects.create(
        name="Clean", subject_key="booking", anchor="check_in", offset=-1, title="Clean"
    )
    world.corner.get(models.Booking)
    run_rule(actor=world.boss, rule=rule)
    return rule, Task.objects.get(made_by=rule)


def meet_rule(world):
    """A task is given back to the rule that made it, and that runs."""
    rule, task = make_rule_and_task(world)
    models.Booking.objects.update(check_in=F("check_in") + timedelta(days=1))
    return (
        lambda: tasks.attach_fields(actor=again(world.boss), task=again(task)),
        lambda: run_rule(actor=again(world.boss), rule=again(rule)),
    )


TELLING = "INSERT INTO api_notification"


@pytest.mark.parametrize(
    ("meet", "before"),
    [
        (meet_after, 'UPDATE "api_task"'),
        (meet_house, TELLING),
        (meet_short, 'INSERT INTO "api_task"'),
        (meet_use, 'INSERT INTO "api_inventorytransaction"'),
        (meet_review, TELLING),
        (meet_schedule, 'INSERT INTO "api_task"'),
        (meet_rule, 'UPDATE "api_task"'),
    ],
)
def test_no_two_wait_for_one_another(world, caplog, meet, before):
    Task.objects.filter(title=world.first.title).update(assigned_to=world.worker)
    Meeting(before).hold(*meet(world))
    # What is told of a change is given up, and logged, where the database refuses it.
    assert [one for one in caplog.records if one.levelname in ("ERROR", "WARNING")] == []


def test_whoever_does_the_last_two_before_a_task_at_once_lets_it_begin(world):
    assert again(world.last).status == "waiting_dependency"
    Task.objects.update(assigned_to=world.worker)
    Meeting(TELLING).hold(cancel(world, "first"), cancel(world, "second"))
    assert again(world.last).status == "pending"


def test_of_two_who_make_a_stock_short_at_once_the_second_makes_no_second_task(world):
    assert Meeting('UPDATE "api_propertyinventory"').hold(use_soap(world), use_soap(world)) == [
        None,
        None,
    ]
    assert again(world.stock).stock == Decimal(7)
    assert Task.objects.filter(title__startswith="Restock").count() == 1


def test_managers_who_are_called_twice_at_once_have_one_notice_that_counts_both(world):
    def call():
        tasks.notify_manager(actor=again(world.worker), task=again(world.first), message="Come")

    # Stopped when it is written.
    Meeting("pg_current_xact_id").hold(call, call)
    assert [one.count for one in models.Notification.objects.filter(verb="attention")] == [2]


@pytest.mark.parametrize("before", ["FOR KEY SHARE", 'UPDATE "api_task"'])
def test_what_a_person_sets_while_a_rule_runs_stays(world, before):
    """Whether the run has planned by then, or locked the task too."""
    _rule, task = make_rule_and_task(world)
    booking = world.corner.get(models.Booking)
    later = task.due_date + timedelta(days=9)

    def move():
        check_in = booking.check_in + timedelta(days=1)
        change_booking(actor=again(world.boss), booking=booking, values={"check_in": check_in})

    def set_due():
        tasks.change_task(actor=again(world.boss), task=again(task), due_date=later)

    Meeting(before).hold(move, set_due)
    assert again(task).due_date == later


def test_a_schedule_that_changes_locks_the_house_before_the_tasks_that_follow(world):
    row = make_schedule(world)
    run_schedules(*list_schedules())
    with CaptureQueriesContext(connection) as queries:
        counts = change_schedule(actor=world.boss, schedule=row, values={"title": "Mow it"})
    locks = [one["sql"] for one in queries if " FOR " in one["sql"]]
    (house,) = [n for n, sql in enumerate(locks) if sql.endswith("FOR KEY SHARE")]
    (work,) = [n for n, sql in enumerate(locks) if 'FROM "api_task" ' in sql and n != house]
    assert counts[Action.MOVE]
    assert house < work


def test_notices_are_marked_as_read_in_the_order_in_which_more_is_told(world):
    """Who locked the second of them first would wait for who tells of the first, and he for him."""
    models.Notification.objects.all().hard_delete()
    first, second = (
        models.Notification.objects.create(recipient=world.worker, verb="created", matter=matter)
        for matter in ("task:1", "task:2")
    )
    read = SimpleNamespace(process=None)

    def read_all():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            read.process = cursor.fetchone()[0]
        try:
            return mark_all_read(actor=world.worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            models.Notification.objects.select_for_update().get(pk=first.pk)
            call = pool.submit(read_all)
            wait_until(lambda: read.process and is_waiting(read.process))
            models.Notification.objects.select_for_update(nowait=True).get(pk=second.pk)
        assert call.result(timeout=PATIENCE) == 2
