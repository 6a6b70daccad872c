"""A server's clock that is moved, back or forward, changes nothing that is stored."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from api.models import Booking, Property, Task
from api.models.task_choices import TaskStatus
from api.services.accounts import issue_token
from api.services.changes import making_changes
from api.services.task import set_status, start_timer, stop_timer
from django_modernize.audit import seal, verify

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = "/my-day/"
API = "/api/v1/tasks/"


@pytest.fixture
def clock(monkeypatch):
    """The time of everything that asks for it; a test moves it."""
    hands = SimpleNamespace(now=NOON)
    monkeypatch.setattr(timezone, "now", lambda: hands.now)
    monkeypatch.setattr("django_modernize.autotasks.running.timezone", timezone)
    return hands


def book(house, days):
    start = NOON + days * DAY
    with making_changes():
        return Booking.objects.create(
            property=house, guest_name="Ada", check_in=start, check_out=start + 2 * DAY
        )


def list_tasks():
    return list(Task.objects.order_by("pk").values_list("pk", "title", "due_date", "status"))


def test_rules_that_run_again_under_another_time_make_no_task_twice_and_move_none(owl, clock):
    for number in range(3):
        book(owl, 10 + 5 * number)
    before = list_tasks()
    assert len(before) == 3
    for moved in (-DAY, 12 * DAY, -400 * DAY, timedelta()):
        clock.now = NOON + moved
        call_command("autotasks_run", events_since=1000, verbosity=0)
        assert list_tasks() == before


def test_a_session_and_a_token_hold_while_the_clock_goes_back_and_end_in_time(
    client, cleaner, clock, settings
):
    client.force_login(cleaner)
    _token, text = issue_token(cleaner)
    headers = {"Authorization": f"Token {text}"}

    def ask():
        client.cookies.pop("messages", None)
        page = client.get(PAGE).status_code
        return page, client.get(API, headers=headers).status_code

    assert ask() == (200, 200)
    clock.now = NOON - DAY
    assert ask() == (200, 200)
    clock.now = NOON + timedelta(seconds=settings.SESSION_COOKIE_AGE) + DAY
    assert ask() == (302, 401)
    clock.now = NOON
    assert Session.objects.count() <= 1


def test_a_task_is_begun_and_done_though_the_clock_went_back_between(owl, cleaner, clock):
    task = Task.objects.create(title="Clean", property=owl, assigned_to=cleaner)
    start_timer(actor=cleaner, task=task)
    set_status(actor=cleaner, task=task, status=TaskStatus.IN_PROGRESS)
    clock.now = NOON - DAY
    span = stop_timer(actor=cleaner)
    assert span.ended_at >= span.started_at
    set_status(actor=cleaner, task=task, status=TaskStatus.COMPLETED)
    task.refresh_from_db()
    assert task.status == TaskStatus.COMPLETED
    assert task.completed_at == task.started_at
    Task.objects.filter(pk=task.pk).update(status=TaskStatus.IN_PROGRESS)
    Task.objects.filter(pk=task.pk).update(status=TaskStatus.COMPLETED)
    task.refresh_from_db()
    assert task.completed_at == task.started_at


def test_seals_of_a_clock_that_went_back_verify(clock):
    for moved in (timedelta(), -DAY, 3 * DAY, timedelta(hours=-5)):
        clock.now = NOON + moved
        Property.objects.create(name=f"House of {moved}")
        seal()
    assert verify().is_sound
