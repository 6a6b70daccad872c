"""The context reaches the database with each write, and is never another's."""

import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection, connections, transaction

from django_modernize.audit import AuditEvent
from django_modernize.context import ChangeContext, change_context, get_context
from tests.connections import other_program
from tests.testapp.models import Ledger, Untracked

pytestmark = pytest.mark.django_db(transaction=True)


def reasons():
    return list(AuditEvent.objects.order_by("id").values_list("reason", flat=True))


def test_autocommit_writes_carry_the_context():
    with change_context(reason="why"):
        ledger = Ledger.objects.create(title="a")
        Ledger.objects.update(amount=2)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE testapp_ledger SET amount = 3")
            cursor.executemany("UPDATE testapp_ledger SET amount = %s", [(4,), (5,)])
        ledger.delete()
    assert reasons() == ["why"] * 6
    assert not Ledger.objects.exists()


def test_autocommit_write_gives_back_the_rows_that_it_returns():
    with change_context(reason="why"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_ledger (title, amount)"
            " VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4) RETURNING title, amount"
        )
        assert cursor.fetchone() == ("a", 1)
        assert cursor.fetchmany(1) == [("b", 2)]
        assert [*cursor.fetchall()] == [("c", 3), ("d", 4)]
        assert cursor.fetchone() is None
        cursor.execute("SELECT count(*) FROM testapp_ledger")
        assert [tuple(row) for row in cursor] == [(4,)]


def test_autocommit_write_that_fails_leaves_nothing_behind():
    ledger = Ledger.objects.create(title="a")
    with change_context(reason="failed"), pytest.raises(IntegrityError):
        Ledger.objects.bulk_create([Ledger(title="b"), Ledger(pk=ledger.pk, title="c")])
    with other_program() as program:
        program.execute("UPDATE testapp_ledger SET amount = 9")
    assert reasons() == ["", ""]
    assert Ledger.objects.count() == 1


def test_another_programs_write_is_recorded_and_credited_to_nobody_of_ours():
    with change_context(reason="ours", actor_label="ann"):
        Ledger.objects.create(title="a")
    with other_program("bi-tool") as program:
        program.execute("UPDATE testapp_ledger SET amount = 9")
        program.execute("DELETE FROM testapp_ledger")
    events = AuditEvent.objects.order_by("id")[1:]
    assert [event.action for event in events] == ["update", "delete"]
    for event in events:
        assert (event.source, event.reason, event.actor) == ("database", "", None)
        assert event.actor_label != "ann"
    if connection.vendor == "postgresql":
        assert events[0].actor_label == connection.get_connection_params()["user"]
        assert events[0].user_agent == "bi-tool"


def test_another_programs_write_between_two_of_ours_is_credited_to_nobody_of_ours():
    with change_context(reason="ours"):
        Ledger.objects.create(title="a")
        with other_program() as program:
            program.execute("UPDATE testapp_ledger SET amount = 9")
        Ledger.objects.update(amount=10)
    assert reasons() == ["ours", "", "ours"]


def test_a_transaction_sends_the_context_anew_after_a_rollback():
    with change_context(reason="why"):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Ledger.objects.create(title="lost")
            1 / 0  # noqa: B018
        with transaction.atomic():
            Ledger.objects.create(title="kept")
            Ledger.objects.update(amount=1)
    assert reasons() == ["why", "why"]


def test_threads_start_without_a_context_and_can_be_handed_one():
    def write(handed):
        with change_context(ChangeContext.from_dict(handed)) if handed else change_context():
            Ledger.objects.create(title="threaded")
        connections.close_all()

    with change_context(reason="why"):
        for handed in (None, get_context().to_dict()):
            thread = threading.Thread(target=write, args=[handed])
            thread.start()
            thread.join()
    assert reasons() == ["", "why"]


def test_concurrent_tasks_have_each_its_own_context():
    async def write(reason):
        with change_context(reason=reason):
            await asyncio.sleep(0)
            await Ledger.objects.acreate(title=reason)

    async def write_all():
        await asyncio.gather(*(write(str(number)) for number in range(5)))

    async_to_sync(write_all)()
    assert {(e.reason, e.changes["title"][1]) for e in AuditEvent.objects.all()} == {
        (str(number), str(number)) for number in range(5)
    }


def test_an_actor_is_asked_for_only_when_something_is_written():
    asked = []
    with change_context(actor=lambda: asked.append(1)):
        list(Untracked.objects.all())
        assert asked == []
        Untracked.objects.create(title="a")
        assert asked


def test_a_reading_transaction_sends_nothing(django_assert_num_queries):
    with change_context(reason="why"), django_assert_num_queries(3), transaction.atomic():
        list(Ledger.objects.all())


@pytest.mark.database_lacks("sqlite", reason="binds all parameters in the client")
def test_the_context_arrives_with_server_side_binding():
    alias = connections["default"].copy("bound")
    alias.settings_dict = {
        **alias.settings_dict,
        "OPTIONS": {**alias.settings_dict["OPTIONS"], "server_side_binding": True},
    }
    connections["bound"] = alias
    try:
        with change_context(reason="bound"):
            Ledger.objects.using("bound").create(title="a")
            with transaction.atomic(using="bound"):
                Ledger.objects.using("bound").update(amount=1)
                Ledger.objects.using("bound").update(amount=2)
    finally:
        alias.close()
        del connections["bound"]
    assert reasons() == ["bound"] * 3


def test_a_transaction_that_reads_first_is_told_the_context_of_its_writes():
    with change_context(reason="why"):
        for _ in range(2):
            with transaction.atomic():
                Ledger.objects.count()
                Ledger.objects.create(title="a")
    assert reasons() == ["why", "why"]
