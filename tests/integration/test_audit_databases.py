"""Models in several databases: an event lands in the database of its row."""

import pytest
from django.db import connections, transaction

from django_modernize.audit import (
    AuditEvent,
    erase,
    erase_actor,
    history,
    prove,
    revert,
    seal,
    verify,
)
from django_modernize.context import change_context
from django_modernize.triggers.installer import compare_triggers
from tests.testapp.models import Audio, Book, Keyword, Ledger, Person

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


def test_an_event_is_reverted_and_proven_in_the_database_that_it_came_from(second):
    there = Ledger.objects.using(second).create(pk=1, title="there")
    Ledger.objects.create(pk=1, title="here")
    Ledger.objects.using(second).update(title="moved")
    seal(second)
    event = history(there).first()
    assert prove(event)["members"]
    revert(event)
    assert [Ledger.objects.using(alias).get().title for alias in (second, "default")] == [
        "there",
        "here",
    ]


def test_an_object_is_erased_from_the_trail_of_the_database_that_it_came_from(second):
    there = Ledger.objects.using(second).create(pk=1, title="Anna")
    Ledger.objects.create(pk=1, title="Anna")
    assert erase(there, ["title"]) == 1
    told = [history(Ledger.objects.using(alias).get()) for alias in (second, "default")]
    assert ["Anna" in str(events.last().changes) for events in told] == [False, True]


def test_an_actor_is_erased_from_the_trail_of_the_database_that_they_came_from(second):
    person = Person.objects.create(username="ann")
    for alias in (second, "default"):
        with change_context(actor=person):
            Ledger.objects.using(alias).create(title="there")
    person._state.db = second
    assert erase_actor(person) == 1
    labels = [
        AuditEvent.objects.using(alias).filter(action="create").get().actor_label
        for alias in (second, "default")
    ]
    assert labels[0] != labels[1] == "ann"


def test_the_trail_of_another_database_is_verified_in_several_processes(second):
    Ledger.objects.using(second).create(title="there")
    seal(second)
    report = verify(second, processes=2)
    assert (report.event_count, report.problem_count) == (1, 0)


def test_tests_that_bring_rows_back_bring_no_events(second):
    # As TransactionTestCase does it with serialized_rollback.
    Ledger.objects.using(second).create(title="there")
    assert "modernize_audit" not in connections[second].creation.serialize_db_to_string()
