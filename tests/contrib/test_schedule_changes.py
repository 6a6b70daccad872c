"""Tasks that a schedule has planned ahead follow its change, as far as nobody has touched them."""

import datetime
from copy import copy

import pytest

from django_modernize.autotasks import Action
from django_modernize.autotasks.forms import ask_about_planned_tasks
from django_modernize.autotasks.schedule_changes import (
    apply_schedule_changes,
    plan_schedule_changes,
)
from django_modernize.autotasks.schedules import get_schedule, run_schedules
from tests.testapp.models import Duty, Routine, RoutineRecord, Venue

# A Monday; in winter, so that the clock keeps its distance to Greenwich.
NOW = datetime.datetime(2026, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def routine(db):
    routine = Routine.objects.create(
        name="Bins",
        venue=Venue.objects.create(name="Barn"),
        rule="FREQ=DAILY",
        first_day=NOW.date(),
        time_zone="UTC",
        horizon_days=3,
        title="Bins at {venue_name}",
    )
    run_schedules(get_schedule(Routine), NOW)
    return routine


def change(routine, now=NOW, **values):
    """Change a schedule, and return what its tasks made of it."""
    before = Routine.objects.get(pk=routine.pk)
    for name, value in values.items():
        setattr(routine, name, value)
    planned = plan_schedule_changes(before, routine, now=now)
    routine.save()
    return apply_schedule_changes(planned)


def list_tasks():
    """Return day of the month, hour, title and status of the tasks."""
    tasks = Duty.objects.order_by("pk")
    return [(one.due_at.day, one.due_at.hour, one.title, one.status) for one in tasks]


def test_tasks_get_what_the_change_changes_and_stay_where_their_day_no_longer_comes(routine):
    told = change(routine, title="Bins", time_of_day=datetime.time(7), rule="FREQ=DAILY;INTERVAL=2")
    assert told == {Action.MOVE: 2, Action.CANCEL: 2}
    assert list_tasks() == [
        (5, 7, "Bins", "pending"),
        (6, 9, "Bins at Barn", "cancelled"),
        (7, 7, "Bins", "pending"),
        (8, 9, "Bins at Barn", "cancelled"),
    ]
    assert run_schedules(get_schedule(Routine), NOW) == 0


def test_what_is_begun_past_or_set_by_hand_stays(routine):
    past, begun, named, other = Duty.objects.order_by("pk")
    Duty.objects.filter(pk=begun.pk).update(status="done")
    Duty.objects.filter(pk=named.pk).update(title="Mine", locked=["title"])
    later = NOW + datetime.timedelta(days=1)
    told = change(routine, now=later, title="Bins", time_of_day=datetime.time(7))
    assert told == {Action.MOVE: 2}
    assert list_tasks() == [
        (past.due_at.day, 9, "Bins at Barn", "pending"),
        (begun.due_at.day, 9, "Bins at Barn", "done"),
        (named.due_at.day, 7, "Mine", "pending"),
        (other.due_at.day, 7, "Bins", "pending"),
    ]


def test_tasks_that_a_switch_cancelled_come_back_and_those_that_a_person_cancelled_do_not(routine):
    by_hand = Duty.objects.order_by("pk").first()
    Duty.objects.filter(pk=by_hand.pk).update(status="cancelled", locked=["status"])
    assert change(routine, is_active=False) == {Action.CANCEL: 3}
    assert not Duty.objects.filter(status="pending").exists()
    assert change(routine, title="Bins") == {}
    assert change(routine, is_active=True) == {Action.REOPEN: 3}
    assert [status for *_, status in list_tasks()] == ["cancelled", *["pending"] * 3]
    assert {title for _, _, title, status in list_tasks() if status == "pending"} == {"Bins"}
    assert Duty.objects.count() == RoutineRecord.objects.count() == 4


def test_a_task_that_is_begun_meanwhile_is_left_alone(routine):
    before = copy(routine)
    routine.is_active = False
    planned = plan_schedule_changes(before, routine, now=NOW)
    begun = Duty.objects.order_by("pk").first()
    Duty.objects.filter(pk=begun.pk).update(status="done")
    assert apply_schedule_changes(planned) == {Action.CANCEL: 3}
    assert Duty.objects.get(pk=begun.pk).status == "done"


@pytest.mark.parametrize(
    "values", [{"name": "Other"}, {"horizon_days": 1}, {"exceptions": ["2026-02-01"]}]
)
def test_a_change_that_no_planned_task_is_about_changes_none_and_asks_nothing(
    routine, values, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    draft = copy(routine)
    for name, value in values.items():
        setattr(draft, name, value)
    assert ask_about_planned_tasks(routine, draft) is None


def test_a_schedule_whose_rule_was_nonsense_gets_its_tasks_back_in_line(routine):
    Routine.objects.update(rule="nonsense")
    assert change(routine, rule="FREQ=DAILY;INTERVAL=3", title="Bins") == {Action.MOVE: 2}


def test_both_answers_are_shown_with_their_counts(routine, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    draft = copy(routine)
    draft.exceptions = ["2026-01-06"]
    draft.time_of_day = datetime.time(7)
    question = ask_about_planned_tasks(routine, draft)
    assert [one[0::2] for one in question["leave"].counts] == [("keep", 4)]
    assert [one[0::2] for one in question["update"].counts] == [("move", 3), ("cancel", 1)]
    lines = [(one.action, one.due_at.hour, one.reason) for one in question["update"].lines]
    assert lines[:2] == [
        ("move", 7, "the schedule is changed"),
        ("cancel", 9, "the schedule no longer comes on this day"),
    ]
