"""What is erased or pruned is gone, and what is left can still be proven."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_modernize.audit import (
    AuditEvent,
    erase,
    erase_actor,
    history,
    prove,
    prune,
    seal,
    verify,
)
from django_modernize.audit.ledger.models import AuditSeal
from django_modernize.audit.locking import unlocked
from django_modernize.context import change_context
from tests.screens import Screen
from tests.sealing import waiting_for_the_seal
from tests.testapp.models import Book, EveryField

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("trail_layout"),
]


def all_text():
    """Return all that the tables of the trail hold."""
    with connection.cursor() as cursor:
        found = []
        for table in ("modernize_audit_event", "modernize_audit_context"):
            cursor.execute(f"SELECT * FROM {table}")
            found += cursor.fetchall()
    return repr(found)


def test_erased_values_are_gone_and_the_proof_holds():
    book = Book.objects.create(title="Anna K.", pages=1)
    Book.objects.update(title="Anna Karenina", pages=2)
    seal()
    assert erase(book, ["title"], reason="she asked for it") == 2
    assert "Anna" not in all_text()
    assert verify().findings == []
    last, change, creation = history(book)
    assert (last.action, last.reason) == ("erase", "she asked for it")
    assert change.changes == {"title": ["[erased]", "[erased]"], "pages": [1, 2]}
    assert creation.changes["pages"] == [None, 1]
    assert prove(change)


def test_values_of_a_deleted_object_can_be_erased_and_more_of_them_later():
    book = Book.objects.create(title="Anna", pages=12345)
    key = book.pk
    book.delete()
    seal()
    erase(Book(pk=key), ["title"])
    erase(Book(pk=key), ["pages"])
    assert "Anna" not in all_text()
    assert "12345" not in all_text()
    assert verify().is_sound


@pytest.mark.parametrize("fields", ["title", ["title", "tilte"]])
def test_a_name_that_nothing_goes_by_is_refused_and_nothing_erased(fields):
    book = Book.objects.create(title="Anna")
    with pytest.raises(ValueError, match=r"of testapp\.Book is not a field"):
        erase(book, fields)
    assert "Anna" in all_text()


def test_a_field_that_only_the_events_know_can_be_erased():
    book = Book.objects.create(title="Anna")
    with unlocked(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE modernize_audit_event SET changes = replace(changes, 'title', 'old')"
        )
    assert erase(book, ["old"]) == 1
    assert "Anna" not in all_text()


def test_values_that_were_not_sealed_yet_can_be_erased_before():
    book = Book.objects.create(title="Anna")
    erase(book, ["title"])
    seal()
    assert verify().is_sound


def test_values_of_sealed_and_of_new_events_are_erased_in_one_go():
    book = Book.objects.create(title="Anna", pages=3)
    other = Book.objects.create(title="Levin")
    seal()
    Book.objects.filter(pk=book.pk).update(title="Wronskij")
    erase(book, ["title"])
    assert "Anna" not in all_text()
    assert "Wronskij" not in all_text()
    seal()
    assert verify().is_sound
    assert history(other).get().decode_changes()["title"] == (None, "Levin")


def test_the_random_bytes_of_an_erased_value_are_gone_and_those_of_others_are_not():
    book = Book.objects.create(title="Anna", pages=3)
    Book.objects.create(title="Levin")
    (made,) = seal()
    erase(book, ["title"])
    kept = bytes(AuditSeal.objects.get().salts)
    assert (len(kept), kept[:16], kept[16:]) == (32, bytes(16), made.salts[16:])
    assert made.salts[:16] not in bytes(history(book).last().salt)
    assert verify().is_sound


def test_an_erased_event_whose_remaining_salts_are_taken_away_is_found():
    book = Book.objects.create(title="Anna", pages=3)
    seal()
    erase(book, ["title"])
    with unlocked(), connection.cursor() as cursor:
        cursor.execute("UPDATE modernize_audit_event SET salt = NULL WHERE action = 'create'")
    assert not verify().is_sound


@pytest.mark.database_lacks("sqlite", reason="refuses to write what was read before another wrote")
def test_an_erasure_waits_for_who_is_sealing():
    book = Book.objects.create(title="Anna")
    with waiting_for_the_seal(lambda: erase(book, ["title"])):
        pass
    seal()
    assert verify().is_sound


def test_random_bytes_go_back_to_the_events_where_the_migration_is_undone():
    book = Book.objects.create(title="Anna", pages=3)
    Book.objects.update(pages=4)
    seal()
    erase(book, ["title"])
    Book.objects.create(title="Levin")
    call_command("migrate", "modernize_audit", "0003", verbosity=0)
    assert None not in AuditEvent.objects.values_list("salt", flat=True)
    call_command("migrate", "modernize_audit", verbosity=0)
    assert verify().is_sound
    assert verify().event_count == 2


def test_an_erased_value_that_is_put_in_again_is_found():
    book = Book.objects.create(title="Anna", pages=3)
    seal()
    erase(book, ["title"])
    with unlocked(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE modernize_audit_event SET changes = replace(changes, '3', '4')"
            " WHERE action = 'create'"
        )
    assert not verify().is_sound


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs", "Cc"])), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(JSON, JSON, st.sets(st.sampled_from(["json", "text", "big"]), min_size=1))
def test_whatever_is_erased_the_proof_holds(first, second, names):
    every = EveryField.objects.create(json=first, text="one", big=1)
    EveryField.objects.filter(pk=every.pk).update(json=second, text="two", big=2)
    seal()
    erase(every, names)
    assert verify().is_sound
    for event in history(every).filter(action__in=["create", "update"]):
        for name in names & set(event.changes):
            assert set(event.changes[name]) <= {"[erased]", None}


def test_an_actor_is_erased_from_the_circumstances():
    eve = get_user_model().objects.create(username="eve-lyn")
    with change_context(actor=eve, ip_address="10.9.8.7", user_agent="Netscape", reason="work"):
        book = Book.objects.create(title="a")
    seal()
    assert erase_actor(eve) == 1
    event = history(book).get()
    assert (event.actor_label, event.ip_address, event.user_agent) == ("[erased]", None, "[erased]")
    assert (event.reason, event.actor_id) == ("work", eve.pk)
    assert "eve-lyn" not in all_text()
    assert "10.9.8.7" not in all_text()
    assert verify().is_sound


@pytest.fixture
def two_seals():
    with change_context(reason="old"):
        Book.objects.create(title="a")
        Book.objects.create(title="b")
    seal()
    middle = timezone.now()
    with change_context(reason="new"):
        Book.objects.create(title="c")
    seal()
    return middle


def test_pruning_removes_whole_seals_and_the_rest_is_sound(two_seals):
    report = prune(two_seals)
    assert (report.seal_count, report.event_count) == (1, 2)
    assert "old" not in all_text()
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["create", "prune"]
    verified = verify()
    assert verified.findings == []
    assert (verified.pruned_count, verified.event_count) == (2, 1)
    assert prune(two_seals).seal_count == 0


def test_events_that_were_removed_as_if_they_were_pruned_are_found(two_seals):
    with unlocked(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM modernize_audit_event WHERE id <= 2")
    with unlocked():
        AuditSeal.objects.filter(number=1).update(pruned_at=timezone.now(), manifest=None)
    assert [finding.seal_number for finding in verify().findings] == [1]


def test_the_command_counts_first_and_prunes_then(two_seals, capsys):
    call_command("audit_prune", "--older-than", "0h", "--dry-run")
    assert "3 events of 2 seals would be removed" in capsys.readouterr().out
    assert AuditEvent.objects.count() == 3
    screen = Screen()
    call_command("audit_prune", "--older-than", "0h", stderr=screen)
    assert "3 events of 2 seals removed" in capsys.readouterr().out
    assert screen.getvalue().endswith("\r3 events")
    with pytest.raises(CommandError, match="400d"):
        call_command("audit_prune", "--older-than", "soon")
