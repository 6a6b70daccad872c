"""Rules make AriStay's tasks, whichever door a booking comes through; tasks go with it (C15)."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.models import AutoTaskRecord, AutoTaskTemplate, Booking, ScheduleTemplate, Task
from api.services.changes import making_changes
from api.services.task import attach_fields
from api.services.task_template.defaults import provide_templates
from django_modernize.autotasks import explain
from django_modernize.autotasks.recurrence import build_rule, parse_rule
from django_modernize.autotasks.running import run_subject
from django_modernize.autotasks.schedules import get_schedule, run_schedules
from django_modernize.autotasks.subjects import get_subject
from django_modernize.context import change_context

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
CHECK_IN = datetime(2026, 12, 18, 16, tzinfo=NEW_YORK)
DAY = timedelta(days=1)


def book(house, **values):
    with making_changes():
        return Booking.objects.create(
            **{
                "property": house,
                "guest_name": "Ada",
                "check_in": CHECK_IN,
                "check_out": CHECK_IN + 3 * DAY,
                **values,
            }
        )


def test_the_first_rules_are_the_legacy_one_and_others_to_be_switched_on():
    active = AutoTaskTemplate.objects.filter(is_active=True)
    assert [one.title for one in active] == ["Pre-arrival Cleaning - {property_name}"]
    assert active.get().checklist.items.count() == 7
    assert AutoTaskTemplate.objects.count() > 5
    for one in AutoTaskTemplate.objects.all():
        one.full_clean()


def test_the_first_rules_are_made_once_and_stay_away_when_deleted():
    count = AutoTaskTemplate.objects.count()
    provide_templates()
    assert AutoTaskTemplate.objects.count() == count
    AutoTaskTemplate.objects.all().delete()
    provide_templates()
    assert not AutoTaskTemplate.objects.exists()


def test_no_rule_is_made_while_the_migrations_are_half_way():
    AutoTaskTemplate.all_objects.all().hard_delete()
    state = MigrationExecutor(connection).loader.project_state()
    state.remove_field("api", "autotasktemplate", "turn")
    provide_templates(state.apps)
    assert not AutoTaskTemplate.objects.exists()
    provide_templates(apps)
    assert AutoTaskTemplate.objects.exists()


def test_a_booking_gets_its_cleaning_with_a_checklist_and_a_reason(owl):
    book(owl)
    task = Task.objects.get()
    assert (task.title, task.property) == ("Pre-arrival Cleaning - Owl Point", owl)
    assert task.due_date == CHECK_IN - DAY
    assert task.made_by.name == "Pre-arrival Cleaning"
    assert task.checklists.get().template == task.made_by.checklist
    assert explain(task).template == task.made_by


def test_a_task_of_a_rule_without_a_checklist_gets_that_of_its_type(owl):
    AutoTaskTemplate.objects.update(checklist=None)
    book(owl)
    assert Task.objects.get().checklists.get().template.name == "Pre-arrival cleaning"


def add_rule(**values):
    """Make a rule of a task on the day before the arrival."""
    needed = {"subject_key": "booking", "anchor": "check_in", "offset": -1, "skip_past": False}
    return AutoTaskTemplate.objects.create(**{"name": "rule", "title": "Look", **needed, **values})


def test_a_rule_tells_a_stay_of_the_owner_from_one_of_a_guest(owl):
    AutoTaskTemplate.objects.all().delete()
    is_owner = {"field": "status", "is": "equals", "value": "owner_staying"}
    add_rule(name="owners", title="Flowers for {guest_name}", conditions=is_owner)
    add_rule(name="guests", title="Welcome {guest_name}", conditions={"not": is_owner})
    book(owl, guest_name="Ada")
    book(
        owl,
        guest_name="Olga",
        status="owner_staying",
        check_in=CHECK_IN + 9 * DAY,
        check_out=CHECK_IN + 12 * DAY,
    )
    assert {one.title for one in Task.objects.all()} == {"Welcome Ada", "Flowers for Olga"}


def test_a_task_becomes_firm_when_its_day_comes_near(owl, monkeypatch):
    AutoTaskTemplate.objects.all().delete()
    add_rule(trigger="by_date", horizon_days=14)
    book(owl)
    for days, count in ((16, 0), (15, 1)):
        clock = SimpleNamespace(now=lambda days=days: CHECK_IN - days * DAY)
        monkeypatch.setattr("django_modernize.autotasks.running.timezone", clock)
        run_subject(get_subject("booking"))
        assert Task.objects.count() == count
    assert Task.objects.get().due_date == CHECK_IN - DAY


def test_a_cleaning_may_wait_until_the_next_guest_and_stays_where_it_is_meanwhile(owl):
    AutoTaskTemplate.objects.all().delete()
    window = {"days_later": 5, "not_after": "next_check_in"}
    add_rule(anchor="check_out", offset=0, **window)
    stay = book(owl)
    task = Task.objects.get()
    left = stay.check_out
    assert (task.earliest_at, task.latest_at) == (left, left + 5 * DAY)
    book(owl, check_in=left + 3 * DAY, check_out=left + 6 * DAY)
    task = Task.objects.get(booking=stay)
    assert (task.due_date, task.latest_at) == (left, left + 3 * DAY)
    Task.objects.filter(pk=task.pk).update(due_date=left + 2 * DAY)
    with making_changes():
        stay.check_out += DAY
        stay.save()
    task.refresh_from_db()
    assert (task.due_date, task.earliest_at) == (left + 2 * DAY, left + DAY)
    assert task.locked_fields == []


def test_what_a_person_gives_back_is_set_by_the_rule_at_once(owl, administrator):
    book(owl)
    task = Task.objects.get()
    with change_context(actor=administrator, source="manual"):
        task.due_date = CHECK_IN
        task.save()
    assert task.locked_fields == ["due_date"]
    attach_fields(actor=administrator, task=task, names=["due_date"])
    task.refresh_from_db()
    assert (task.due_date, task.locked_fields) == (CHECK_IN - DAY, [])


def test_a_moved_booking_moves_its_tasks(owl):
    booking = book(owl)
    with making_changes():
        Booking.objects.filter(pk=booking.pk).update(check_in=CHECK_IN + DAY)
    assert Task.objects.get().due_date == CHECK_IN


def test_a_booking_that_moves_to_another_house_takes_its_tasks_along(owl, crane):
    booking = book(owl)
    with making_changes():
        booking.property = crane
        booking.save()
    task = Task.objects.get()
    assert (task.property, task.title) == (crane, "Pre-arrival Cleaning - Crane")


def test_what_a_person_has_set_is_left_when_the_booking_moves(owl):
    booking = book(owl)
    mine = CHECK_IN - timedelta(hours=5)
    Task.objects.update(due_date=mine, locked_fields=["due_date"])
    with making_changes():
        Booking.objects.filter(pk=booking.pk).update(check_in=CHECK_IN + DAY)
    assert Task.objects.get().due_date == mine


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("pending", "cancelled"),
        ("waiting_dependency", "cancelled"),
        ("in_progress", "in_progress"),
        ("completed", "completed"),
    ],
)
def test_a_cancelled_booking_cancels_the_tasks_that_nobody_has_begun(owl, status, after):
    booking = book(owl)
    Task.all_objects.update(status=status)
    with making_changes():
        Booking.objects.filter(pk=booking.pk).update(status="cancelled")
    assert Task.objects.get().status == after


def test_a_restored_booking_brings_its_tasks_back(owl):
    booking = book(owl)
    with making_changes():
        booking.delete()
    assert Task.objects.get().status == "cancelled"
    with making_changes():
        Booking.deleted_objects.get().restore()
    task = Task.objects.get()
    assert (task.status, task.booking_id) == ("pending", booking.pk)
    assert AutoTaskRecord.objects.count() == 1


def test_a_block_within_another_leaves_the_rules_to_the_outer_one(owl):
    with making_changes():
        book(owl)
        assert not Task.objects.exists()
    assert Task.objects.count() == 1


def test_statements_of_a_block_do_not_grow_with_its_bookings(owl):
    counts = []
    for start, count in ((0, 2), (100, 20)):
        stays = [
            Booking(
                property=owl,
                guest_name="Ada",
                check_in=CHECK_IN + (start + 2 * number) * DAY,
                check_out=CHECK_IN + (start + 2 * number + 1) * DAY,
            )
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as captured, making_changes():
            Booking.objects.bulk_create(stays)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 21
    assert Task.objects.count() == 22


def test_a_booking_made_in_the_admin_gets_its_tasks(owl, client, administrator):
    client.force_login(administrator)
    data = {
        "property": owl.pk,
        "guest_name": "Ada",
        "check_in_0": "2026-12-18",
        "check_in_1": "16:00",
        "check_out_0": "2026-12-21",
        "check_out_1": "10:00",
        "status": "confirmed",
        "source": "Direct",
        "adults": "1",
        "children": "0",
        "infants": "0",
        "currency": "USD",
    }
    response = client.post(reverse("admin:api_booking_add"), data)
    assert response.status_code == 302
    assert Task.objects.get().due_date == CHECK_IN - DAY


def test_a_schedule_makes_a_task_for_each_of_its_days_once(owl, settings):
    first = datetime.now(tz=NEW_YORK).date()
    ScheduleTemplate.objects.create(
        name="Pool",
        property=owl,
        rule="FREQ=DAILY;INTERVAL=2",
        first_day=first,
        horizon_days=6,
        time_zone=owl.time_zone,
        title="Pool of {property_name} on {day|date}",
        task_type="lawn_pool",
    )
    assert run_schedules(get_schedule(ScheduleTemplate)) == 4
    assert run_schedules(get_schedule(ScheduleTemplate)) == 0
    days = [one.due_date.astimezone(NEW_YORK).date() for one in Task.objects.all()]
    assert days == [first + DAY * step for step in (0, 2, 4, 6)]
    assert {one.task_type for one in Task.objects.all()} == {"lawn_pool"}


@pytest.mark.parametrize(
    ("rule", "first", "days"),
    [
        (
            build_rule("monthly", day_of_month=31),
            date(2027, 1, 31),
            [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)],
        ),
        (
            build_rule("weekly"),
            date(2027, 1, 6),
            [date(2027, 1, 6), date(2027, 1, 13), date(2027, 1, 20)],
        ),
        (
            build_rule("quarterly", day_of_month=30),
            date(2027, 11, 30),
            [date(2027, 11, 30), date(2028, 2, 29), date(2028, 5, 30)],
        ),
    ],
)
def test_a_schedule_begins_on_its_first_day_and_skips_no_short_month(rule, first, days):
    found = parse_rule(rule, first)
    assert [one.date() for one in found[:3]] == days


def test_a_booking_that_arrives_turns_a_plain_check_out_into_a_turnover(owl):
    AutoTaskTemplate.objects.filter(
        name__in=["Turnover cleaning", "Cleaning after check-out"]
    ).update(is_active=True)
    AutoTaskTemplate.objects.filter(name="Pre-arrival Cleaning").update(is_active=False)

    def titles():
        tasks = Task.objects.filter(status="pending").order_by("due_date")
        return [one.title.removesuffix(" - Owl Point") for one in tasks]

    book(owl)
    assert titles() == ["Cleaning after check-out"]
    following = book(
        owl, guest_name="Zoe", check_in=CHECK_IN + 3 * DAY, check_out=CHECK_IN + 5 * DAY
    )
    assert titles() == ["Turnover cleaning", "Cleaning after check-out"]
    with making_changes():
        following.delete()
    assert titles() == ["Cleaning after check-out"]
