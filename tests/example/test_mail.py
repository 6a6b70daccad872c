"""A slow mail server keeps nobody from writing: no mail is sent while a transaction is open."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import DeliveryLease, Notification, Profile, Property, Task, User
from api.services.digest import send_digests
from api.services.notification import deliver_notices
from api.services.notification.leasing import leasing
from api.services.task import assign_task
from django_modernize.context import change_context
from tests.example.rows import make_user

pytestmark = pytest.mark.django_db(transaction=True)

MORNING = datetime(2027, 1, 4, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _watched_server(monkeypatch):
    """Let the server of the tests say whether a transaction is open while it sends."""
    send = EmailBackend.send_messages

    def watch(self, messages):
        assert not connection.in_atomic_block, "a transaction is open while a mail is sent"
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", watch)


@pytest.fixture
def ann(transactional_db):
    person = make_user("manager")
    User.objects.filter(pk=person.pk).update(email="ann@example.com")
    Profile.objects.filter(user=person).update(email_notices=True)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def task(ann):
    house = Property.objects.create(name="Owl Point")
    return Task.objects.create(title="Clean", property=house, due_date=MORNING)


def ask_for_a_link(client):
    return client.post(reverse("portal:forgotten"), {"email": "ann@example.com"})


def ask_the_api_for_a_link(client):
    return APIClient().post("/api/v1/auth/request-password/", {"email": "ann@example.com"})


@pytest.mark.parametrize("ask", [ask_for_a_link, ask_the_api_for_a_link])
def test_a_link_for_a_password_is_sent_after_the_commit(client, ann, ask):
    assert ask(client).status_code < 400
    assert [one.to for one in mail.outbox] == [["ann@example.com"]]


@pytest.mark.parametrize("ask", [ask_for_a_link, ask_the_api_for_a_link])
def test_the_mail_says_how_long_its_link_lasts(client, ann, settings, ask):
    settings.PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
    ask(client)
    assert "The link works once, within 2\xa0hours." in mail.outbox[0].body


def test_a_notice_is_sent_after_the_commit(ann, task):
    boss = make_user("superuser")
    with change_context(actor=boss):
        assign_task(actor=boss, task=task, assignee=ann)
    call_command("deliver_notices")
    assert len(mail.outbox) == 1
    assert Notification.objects.get().emailed_at is not None


def test_a_digest_is_sent_outside_of_a_transaction(ann, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=ann)
    Profile.objects.filter(user=ann).update(time_zone="America/New_York")
    assert send_digests(MORNING).sent == 1
    assert len(mail.outbox) == 1
    assert not DeliveryLease.objects.exists()


def test_what_another_worker_is_sending_is_left_to_it(ann, task):
    Notification.objects.create(recipient=ann, task=task, verb="assigned", matter="task:1")
    with leasing(ann, "emailed_at") as is_mine:
        assert is_mine
        assert deliver_notices()["sent"] == 0
    assert deliver_notices()["sent"] == 1
    assert len(mail.outbox) == 1


def test_what_a_killed_worker_was_sending_is_sent_by_another(ann, task):
    Notification.objects.create(recipient=ann, task=task, verb="assigned", matter="task:1")
    killed = DeliveryLease.objects.create(
        user=ann, channel="emailed_at", until=timezone.now() + timedelta(minutes=1)
    )
    assert deliver_notices()["sent"] == 0
    DeliveryLease.objects.filter(pk=killed.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert deliver_notices()["sent"] == 1
    assert not DeliveryLease.objects.exists()


def test_what_comes_while_a_mail_is_sent_goes_along(ann, task, monkeypatch):
    send = EmailBackend.send_messages
    matters = iter(["task:2"])

    def send_and_be_told(self, messages):
        for matter in matters:
            Notification.objects.create(recipient=ann, task=task, verb="assigned", matter=matter)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_and_be_told)
    Notification.objects.create(recipient=ann, task=task, verb="assigned", matter="task:1")
    assert deliver_notices()["sent"] == 2
