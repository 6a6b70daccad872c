"""On SQLite the context stands where triggers find it while a statement runs, and never longer."""

import sqlite3
import time
from contextlib import closing, contextmanager, nullcontext

import pytest
from django.db import IntegrityError, connection, transaction

from django_modernize.audit import AuditEvent, seal
from django_modernize.audit.ledger.pruning import prune
from django_modernize.context import change_context
from django_modernize.triggers.connection import find_watcher
from django_modernize.triggers.context_caches import LASTING_SECONDS
from django_modernize.triggers.sqlite_slot import SLOT_TABLE, TELLING_FUNCTION
from tests.connections import other_program
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("postgresql", reason="has settings that end with a transaction"),
]


def reasons():
    return [*AuditEvent.objects.order_by("id").values_list("reason", flat=True)]


@contextmanager
def counted_questions():
    """Count what the triggers ask of Python."""
    asked = []
    told = find_watcher(connection).delivery.told

    def answer(name):
        asked.append(name)
        return told.get(name)

    connection.connection.create_function(TELLING_FUNCTION, 1, answer)
    yield asked
    connection.connection.create_function(TELLING_FUNCTION, 1, told.get)


@contextmanager
def counted_fillings():
    """Count how often the slot is filled."""
    filled = []
    connection.ensure_connection()
    connection.connection.set_trace_callback(
        lambda sql: filled.append(sql) if f'INTO "{SLOT_TABLE}"' in sql else None
    )
    yield filled
    connection.connection.set_trace_callback(None)


def test_the_function_says_nothing_to_whoever_is_not_django():
    with closing(sqlite3.connect(":memory:")) as program:
        assert program.execute(f"SELECT {TELLING_FUNCTION}('source')").fetchone() == (None,)


@pytest.mark.parametrize("is_atomic", [False, True])
def test_only_the_first_write_of_a_context_fills_the_slot(is_atomic):
    block = transaction.atomic if is_atomic else nullcontext
    with change_context(reason="why"), counted_fillings() as filled, block():
        for number in range(3):
            ledger = Ledger.objects.create(title=str(number))
            ledger.save()
            Ledger.objects.filter(pk=ledger.pk).update(amount=number + 1)
    assert len(filled) == 1
    assert reasons() == ["why"] * 6


def test_a_statement_that_may_change_many_rows_asks_python_nothing():
    with change_context(reason="why", actor_label="ann"):
        Ledger.objects.create(title="first")
        with counted_questions() as asked:
            Ledger.objects.bulk_create([Ledger(title=str(number)) for number in range(9)])
            Ledger.objects.update(amount=5)
            Ledger.objects.filter(pk__gt=0).delete()
            assert not asked
            Ledger.objects.create(title="one")
            assert asked
    assert reasons() == ["why"] * 31


def test_each_statement_has_its_own_time_and_autocommit_its_own_transaction():
    with change_context(reason="why"):
        for title in "abc":
            Ledger.objects.create(title=title)
        with transaction.atomic():
            for title in "def":
                Ledger.objects.create(title=title)
    events = [*AuditEvent.objects.order_by("id")]
    times = [event.created_at for event in events]
    assert times == sorted(set(times))
    alone, together = events[:3], events[3:]
    assert len({event.transaction_id for event in alone}) == 3
    assert len({event.transaction_id for event in together}) == 1


def test_what_goes_around_django_is_credited_to_nobody():
    with change_context(reason="ours"):
        Ledger.objects.create(title="a")
        Ledger.objects.create(title="b")
        connection.connection.execute("UPDATE testapp_ledger SET amount = 7 WHERE title = 'a'")
    first, second, third = AuditEvent.objects.order_by("id")
    assert (first.reason, second.reason) == ("ours", "ours")
    assert (third.source, third.reason, third.transaction_id) == ("database", "", None)


def test_a_write_that_fails_tells_nobody_after_it():
    with change_context(reason="ours"):
        first = Ledger.objects.create(title="a")
        with pytest.raises(IntegrityError):
            Ledger(pk=first.pk, title="b").save(force_insert=True)
        connection.connection.execute("UPDATE testapp_ledger SET amount = 7")
    assert reasons() == ["ours", ""]


def test_another_program_can_always_write_between_two_of_ours_and_is_credited_to_nobody():
    with change_context(reason="ours"):
        for amount in (1, 3, 5):
            Ledger.objects.create(title="ours", amount=amount)
            with other_program() as program:
                program.execute(f"UPDATE testapp_ledger SET amount = {amount + 1}")
    assert {event.reason for event in AuditEvent.objects.filter(source="database")} == {""}
    assert AuditEvent.objects.filter(source="database").count() == 6
    assert AuditEvent.objects.filter(reason="ours").count() == 3


def test_details_that_were_rolled_back_to_a_savepoint_are_kept_by_the_next_write():
    with change_context(reason="why"), transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Ledger.objects.create(title="lost")
            1 / 0  # noqa: B018
        Ledger.objects.create(title="kept")
    assert reasons() == ["why"]


@pytest.mark.parametrize("is_said", [False, True])
def test_details_that_were_rolled_back_with_their_transaction_are_kept_by_the_next(is_said):
    with change_context(reason="why"):
        if is_said:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                Ledger.objects.create(title="lost")
                cursor.execute("ROLLBACK")
        else:
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                Ledger.objects.create(title="lost")
                1 / 0  # noqa: B018
        Ledger.objects.create(title="kept")
        with transaction.atomic():
            Ledger.objects.create(title="kept as well")
    assert reasons() == ["why", "why"]


def test_a_write_that_left_no_event_is_not_taken_for_one_that_kept_the_details():
    with change_context():
        ledger = Ledger.objects.create(title="a")
    with change_context(reason="why"):
        ledger.save()
        ledger.amount = 4
        ledger.save()
    assert reasons() == ["", "why"]


def test_details_that_were_pruned_are_written_again():
    with change_context(reason="why"):
        Ledger.objects.create(title="a")
        Ledger.objects.create(title="b")
        seal()
        newest = AuditEvent.objects.order_by("-id").first()
        prune(before=newest.created_at.replace(year=newest.created_at.year + 1))
        Ledger.objects.create(title="c")
    assert reasons()[-1] == "why"


def test_details_are_looked_for_again_after_a_while(monkeypatch):
    with change_context(reason="why"):
        Ledger.objects.create(title="a")
        moment = time.monotonic() + LASTING_SECONDS + 1
        monkeypatch.setattr(
            "django_modernize.triggers.context_caches.time.monotonic", lambda: moment
        )
        with counted_fillings() as filled:
            Ledger.objects.create(title="b")
            Ledger.objects.create(title="c")
    assert len(filled) == 1
    assert reasons() == ["why"] * 3


def test_a_transaction_that_django_did_not_open_is_left_to_whoever_ends_it():
    with change_context(reason="why"):
        transaction.set_autocommit(False)
        try:
            Ledger.objects.create(title="lost")
            Ledger.objects.update(amount=3)
            transaction.rollback()
            Ledger.objects.create(title="kept")
            Ledger.objects.update(amount=4)
            transaction.commit()
        finally:
            transaction.set_autocommit(True)
    assert [*Ledger.objects.values_list("title", "amount")] == [("kept", 4)]
    assert reasons() == ["why", "why"]


def test_a_connection_that_is_opened_anew_is_told_the_context():
    for title in "ab":
        with change_context(reason=title):
            Ledger.objects.create(title=title)
            connection.close()
            Ledger.objects.create(title=title)
            Ledger.objects.create(title=title)
    assert reasons() == ["a"] * 3 + ["b"] * 3


@pytest.mark.parametrize("is_bulk", [False, True])
@pytest.mark.parametrize("is_bulk_within", [False, True])
def test_a_write_within_a_write_leaves_the_other_its_context(is_bulk, is_bulk_within):
    def write(title, is_bulk):
        rows = [Ledger(title=title) for _ in range(1 + is_bulk)]
        Ledger.objects.bulk_create(rows)

    def log(execute, sql, params, many, context):
        if "outer" in (params or ()):
            with change_context(reason="within"):
                # The first of a context goes by the slot, whatever it is.
                write("inner", is_bulk_within)
                write("inner", is_bulk_within)
        return execute(sql, params, many, context)

    with change_context(reason="why"), transaction.atomic():
        Ledger.objects.create(title="first")
        with connection.execute_wrapper(log):
            write("outer", is_bulk)
    told = {(event.changes["title"][1], event.reason) for event in AuditEvent.objects.all()}
    assert told == {("first", "why"), ("inner", "within"), ("outer", "why")}
