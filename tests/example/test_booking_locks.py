"""Whoever writes bookings and whoever runs rules take their locks in one order, whichever the door.

A run of the rules locks them and then, by its tasks' keys, bookings. Who locked bookings first and
had the rules run afterwards would wait for it as it does for them, until PostgreSQL breaks one off.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection

from api.models import (
    AutoTaskTemplate,
    Booking,
    BookingImportLog,
    BookingImportPlan,
    Property,
    Task,
    User,
)
from api.models.auth import Role
from api.services.booking import cancel_booking, change_booking, create_booking
from api.services.import_plan import apply_plan, create_plan, undo_import
from api.services.recycle import delete_row, restore_row
from api.services.task_template.changing import run_rule, save_rule
from django_modernize.autotasks import running
from tests.connections import PATIENCE, is_waiting, wait_until

from .factories import book, make_file, row
from .rows import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has one writer at a time"),
]


@pytest.fixture
def person(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_user(Role.SUPERUSER)


@pytest.fixture
def world(person):
    """One rule, and bookings that it has made no tasks of yet."""
    AutoTaskTemplate.objects.all().delete()
    Property.objects.create(name="Crane")
    Property.objects.create(name="Owl Point")
    book(person, row())
    gone = Booking.objects.create(
        property=Property.objects.get(name="Owl Point"),
        guest_name="Gone",
        check_in=datetime(2027, 3, 1, 15, tzinfo=UTC),
        check_out=datetime(2027, 3, 5, 11, tzinfo=UTC),
    )
    gone.delete()
    AutoTaskTemplate.objects.create(
        name="Clean", subject_key="booking", anchor="check_in", offset=-1, title="Clean"
    )
    changed = make_file(row(status="Canceled by guest"), row(code="HM2", guest_name="Zeno"))
    create_plan(ContentFile(changed, name="bookings.xlsx"), actor=person)
    return person


def stay():
    return Booking.objects.get(external_code="HM0001")


def move(actor):
    crane = Property.objects.get(name="Crane")
    change_booking(actor=actor, booking=stay(), values={"property": crane})


def create(actor):
    values = {
        "property": Property.objects.get(name="Owl Point"),
        "guest_name": "New",
        "check_in": datetime(2026, 12, 17, 15, tzinfo=UTC),
        "check_out": datetime(2026, 12, 24, 11, tzinfo=UTC),
    }
    create_booking(actor=actor, values=values)


def cancel(actor):
    cancel_booking(actor=actor, booking=stay())


def delete(actor):
    delete_row(actor=actor, row=stay())


def restore(actor):
    restore_row(actor=actor, row=Booking.deleted_objects.get(guest_name="Gone"))


def run(actor):
    run_rule(actor=actor, rule=AutoTaskTemplate.objects.get())


def rewrite(actor):
    rule = AutoTaskTemplate.objects.get()
    rule.title = "Clean well"
    save_rule(actor=actor, rule=rule)


def load(actor):
    apply_plan(BookingImportPlan.objects.get(status="planned"), actor=actor)


def undo(actor):
    undo_import(BookingImportLog.objects.get(created_count=1), actor=actor)


DOORS = [move, create, cancel, delete, restore, load, undo]
MEETINGS = [
    *((door, run, True) for door in DOORS),
    *((run, door, False) for door in DOORS),
    *((rewrite, door, True) for door in (move, delete, undo)),
    *((first, second, True) for first, second in permutations([move, load, undo], 2)),
]
"""Who is first, who comes meanwhile, and whether the first is stopped before it locks the rules."""


class Meeting:
    """Stops one thread where its rules run, until the other one waits for it or is through."""

    def __init__(self, monkeypatch, *, stops_before):
        self.stops_before = stops_before
        self.first = None
        self.second = None
        self.has_waited = []
        self.has_stopped, self.is_through = threading.Event(), threading.Event()
        lock, write = running.lock_templates, running.write_plan

        def lock_and_meet(*args):
            self.meet(is_before=True)
            lock(*args)

        def write_and_meet(plan):
            self.meet(is_before=False)
            return write(plan)

        monkeypatch.setattr(running, "lock_templates", lock_and_meet)
        monkeypatch.setattr(running, "write_plan", write_and_meet)

    def meet(self, *, is_before):
        """Let the other go: before the rules are locked, or before tasks are written."""
        if threading.current_thread() is not self.first or is_before is not self.stops_before:
            return
        if self.has_stopped.is_set():
            return
        self.has_stopped.set()
        wait_until(lambda: self.is_through.is_set() or self.is_held_up())
        self.has_waited.append(not self.is_through.is_set())

    def is_held_up(self):
        """Tell whether the second waits; asked beside the transaction that is open."""
        return self.second is not None and is_waiting(self.second)


def process_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def meet_at(meeting, first, second, actor):
    """Do the first, stopped on its way, and the second beside it; return what they raised."""

    def go_first():
        meeting.first = threading.current_thread()
        try:
            return attempt(first, actor)
        finally:
            meeting.has_stopped.set()
            connection.close()

    def go_second():
        assert meeting.has_stopped.wait(PATIENCE)
        meeting.second = process_number()
        try:
            return attempt(second, actor)
        finally:
            meeting.is_through.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(go_first), pool.submit(go_second)]
        return [one.result(timeout=4 * PATIENCE) for one in calls]


def attempt(door, actor):
    """Go through a door; to find it shut, as the other was there before, is an answer too."""
    try:
        door(User.objects.get(pk=actor.pk))
    except (ValidationError, PermissionDenied, ObjectDoesNotExist) as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(("first", "second", "stops_before"), MEETINGS)
def test_no_two_wait_for_one_another(world, monkeypatch, caplog, first, second, stops_before):
    meeting = Meeting(monkeypatch, stops_before=stops_before)
    meet_at(meeting, first, second, world)
    # A run that PostgreSQL breaks off is tried again rule by rule, and told in the log.
    assert [one for one in caplog.records if one.name == running.logger.name] == []
    assert not AutoTaskTemplate.objects.exclude(failed_at=None).exists()


def test_a_task_is_made_of_a_booking_while_somebody_changes_it(world, monkeypatch):
    """Its key stays, so whoever only names it need not wait."""
    booking = stay()

    def make_task(actor):
        Task.objects.create(title="Flowers", property=booking.property, booking=booking)

    meeting = Meeting(monkeypatch, stops_before=True)
    answers = meet_at(meeting, cancel, make_task, world)
    assert answers == [None, None]
    assert meeting.has_waited == [False]
