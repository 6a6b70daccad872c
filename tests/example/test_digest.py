"""The daily digest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import DigestRun, Notification, Profile, Task, User
from api.models.task_choices import TaskStatus
from api.services.digest import send_digests

MORNING = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
"""Half past seven in New York, half past one in Berlin."""


@pytest.fixture
def ann(db):
    return make_person("ann", "America/New_York")


def make_person(name, zone):
    user = User.objects.create_user(name, f"{name}@example.com")
    Profile.objects.filter(user=user).update(time_zone=zone)
    return user


def give_task(user, house, due=MORNING, **values):
    return Task.objects.create(
        **{"title": "Clean", "property": house, "assigned_to": user, "due_date": due, **values}
    )


def test_a_digest_comes_in_the_morning_of_each_persons_own_zone(ann, owl):
    bob = make_person("bob", "Europe/Berlin")
    for user in (ann, bob):
        give_task(user, owl)
    assert send_digests(MORNING).sent == 1
    assert [one.to for one in mail.outbox] == [["ann@example.com"]]
    assert send_digests(MORNING + timedelta(hours=18)).sent == 1
    assert mail.outbox[1].to == ["bob@example.com"]


@pytest.mark.parametrize(
    ("clock", "sent"), [((11, 59), 0), ((12, 0), 1), ((16, 59), 1), ((17, 0), 0)]
)
def test_morning_is_from_seven_to_noon(ann, owl, clock, sent):
    give_task(ann, owl)
    hour, minute = clock
    assert send_digests(MORNING.replace(hour=hour, minute=minute)).sent == sent


def test_a_digest_comes_once_a_day(ann, owl):
    give_task(ann, owl)
    assert [send_digests(MORNING + timedelta(minutes=15 * n)).sent for n in range(3)] == [1, 0, 0]
    assert send_digests(MORNING + timedelta(days=1)).sent == 1


def test_who_opted_out_or_left_or_has_no_address_gets_none(ann, owl):
    give_task(ann, owl)
    Profile.objects.update(digest_opt_out=True)
    assert send_digests(MORNING).sent == 0
    Profile.objects.update(digest_opt_out=False)
    User.objects.update(is_active=False)
    assert send_digests(MORNING).sent == 0
    User.objects.update(is_active=True, email="")
    assert send_digests(MORNING).sent == 0


def test_with_nothing_to_say_there_is_no_digest(ann, owl):
    give_task(ann, owl, due=MORNING + timedelta(days=1))
    give_task(ann, owl, status=TaskStatus.COMPLETED)
    give_task(None, owl)
    counts = send_digests(MORNING)
    assert (counts.sent, counts.empty) == (0, 1)
    assert not DigestRun.objects.exists()


def test_a_digest_says_what_is_overdue_due_and_unread(ann, owl):
    give_task(ann, owl, title="Old <b>", due=MORNING - timedelta(days=1))
    give_task(ann, owl, title="Late", due=datetime(2026, 12, 2, 4, 59, tzinfo=UTC))
    give_task(ann, owl, title="Tomorrow", due=datetime(2026, 12, 2, 5, tzinfo=UTC))
    Notification.objects.create(recipient=ann, verb="attention", matter="task:1")
    send_digests(MORNING)
    (sent,) = mail.outbox
    assert "Dec. 1, 2026" in sent.body
    assert "Old <b>, Owl Point" in sent.body
    assert "Late, Owl Point (11:59 p.m.)" in sent.body
    assert "1 notice is unread." in sent.body
    assert "Tomorrow" not in sent.body
    assert "Old &lt;b&gt;, Owl Point" in sent.alternatives[0][0]


def test_a_digest_lists_fifty_tasks_and_counts_the_others(ann, owl):
    Task.objects.bulk_create(
        Task(title="Clean", property=owl, assigned_to=ann, due_date=MORNING) for _n in range(53)
    )
    send_digests(MORNING)
    assert mail.outbox[0].body.count("Owl Point") == 50
    assert "and 3 more" in mail.outbox[0].body


def test_a_digest_costs_the_same_however_many_tasks_there_are(ann, owl):
    def count_statements(day):
        with CaptureQueriesContext(connection) as captured:
            assert send_digests(MORNING + timedelta(days=day)).sent == 1
        return len(captured)

    give_task(ann, owl)
    few = count_statements(0)
    for _number in range(9):
        give_task(ann, owl)
    assert count_statements(1) == few <= 10


def choose_server(settings, name, **options):
    """Have mails go through one of Django's backends."""
    backend = f"django.core.mail.backends.{name}.EmailBackend"
    if hasattr(mail, "mailers"):
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
        return
    settings.EMAIL_BACKEND = backend
    for option, value in options.items():
        setattr(settings, f"EMAIL_{option.upper()}", value)


def test_a_digest_that_fails_is_sent_by_the_next_run(ann, owl, settings, monkeypatch):
    give_task(ann, owl)
    clock = "api.services.digest.sending.timezone.now"
    monkeypatch.setattr(clock, lambda: MORNING)
    choose_server(settings, "smtp", host="127.0.0.1", port=1)
    with pytest.raises(CommandError, match="1 could not be sent"):
        call_command("send_digests")
    assert not DigestRun.objects.exists()
    choose_server(settings, "locmem")
    call_command("send_digests")
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_digest(ann, owl):
    give_task(ann, owl)
    start = Barrier(2)

    def work(_number):
        try:
            start.wait(timeout=60)
            return send_digests(MORNING).sent
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 1
    assert len(mail.outbox) == 1


def test_what_is_due_after_the_day_of_its_person_is_for_tomorrow(ann, owl):
    noon = MORNING + timedelta(hours=4)
    far_west = make_person("kai", "America/Los_Angeles")
    night = datetime(2026, 12, 2, 6, tzinfo=UTC)
    for user in (ann, far_west):
        give_task(user, owl)
        give_task(user, owl, due=night, title="Lock up")
    assert send_digests(noon).sent == 2
    assert {one.to[0]: "Lock up" in one.body for one in mail.outbox} == {
        "ann@example.com": False,
        "kai@example.com": True,
    }
