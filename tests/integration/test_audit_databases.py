"""Models in several databases: an event lands in the database of its row."""

import pytest
from django.db import connections, transaction

from django_modernize.audit import AuditEvent, history
from django_modernize.context import change_context
from django_modernize.triggers.installer import compare_triggers
from tests.testapp.models import Audio, Book, Keyword, Ledger

pytestmark = pytest.mark.django_db(transaction=True)


def told(using):
    events = AuditEvent.objects.using(using).order_by("id")
    return [(event.action, event.object_type, event.reason) for event in events]


def test_triggers_are_in_place_in_each_database(second):
    assert compare_triggers(connections[second]).is_clean


def test_events_land_in_the_database_of_their_row_with_their_context(second):
    with change_context(reason="there"):
        ledger = Ledger.objects.using(second).create(title="there")
        ledger.amount = 1
        ledger.save()
        Ledger.objects.using(second).update(amount=2)
    Ledger.objects.create(title="here")
    assert told(second) == [
        ("create", "testapp.ledger", "there"),
        ("update", "testapp.ledger", "there"),
        ("update", "testapp.ledger", "there"),
    ]
    assert told("default") == [("create", "testapp.ledger", "")]
    assert [event.action for event in history(ledger)] == ["update", "update", "create"]


def test_links_and_children_in_two_tables_stay_in_their_database(second):
    book = Book.objects.using(second).create(title="there")
    book.tags.add(Keyword.objects.using(second).create(name="red"))
    Audio.objects.using(second).create(title="tape", minutes=5)
    assert [event[:2] for event in told(second)] == [
        ("create", "testapp.book"),
        ("m2m_add", "testapp.book"),
        ("create", "testapp.media"),
        ("create", "testapp.audio"),
    ]
    assert told("default") == []


def test_a_transaction_of_one_database_that_fails_leaves_the_events_of_the_other(second):
    with change_context(reason="both"), transaction.atomic():
        Ledger.objects.create(title="here")
        with pytest.raises(ZeroDivisionError), transaction.atomic(using=second):
            Ledger.objects.using(second).create(title="there")
            1 / 0  # noqa: B018
    assert told(second) == []
    assert told("default") == [("create", "testapp.ledger", "both")]


def test_an_object_that_is_copied_to_the_other_database_leaves_an_event_there(second):
    ledger = Ledger.objects.create(title="here")
    ledger.save(using=second)
    assert [event[0] for event in told(second)] == ["create"]
    assert [event[0] for event in told("default")] == ["create"]
