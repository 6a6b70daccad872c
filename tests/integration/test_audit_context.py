"""The context reaches the database with each write, and is never another's."""

import asyncio
import getpass
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection, connections, transaction

from django_modernize.audit import AuditEvent
from django_modernize.context import ChangeContext, change_context, get_context
from tests.connections import name_database, other_program
from tests.testapp.models import Ledger, Person, Untracked
from tools.pgbouncer import PORT, run_pooler

ROOT = Path(__file__).resolve().parents[2]

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
        Ledger.objects.create(title="a")
        assert asked


def test_an_actor_who_is_saved_within_the_context_is_credited_from_then_on():
    ann = Person(username="ann")
    with transaction.atomic(), change_context(actor=ann):
        Ledger.objects.create(title="before")
        ann.save()
        Ledger.objects.create(title="after")

    before, after = AuditEvent.objects.filter(object_type="testapp.ledger").order_by("id")
    assert (before.actor_id, after.actor_id) == (None, ann.pk)


def test_a_reading_transaction_sends_nothing(django_assert_num_queries):
    with change_context(reason="why"), django_assert_num_queries(3), transaction.atomic():
        list(Ledger.objects.all())


@contextmanager
def other_alias(**settings):
    """Reach the test database by another connection of Django's, set up otherwise."""
    alias = connection.copy("other_way")
    alias.settings_dict = {**alias.settings_dict, **settings}
    # The pool belongs to the name of the alias.
    connections["other_way"] = alias
    try:
        yield alias
    finally:
        alias.close()
        if getattr(alias, "pool", None):
            alias.close_pool()
        del connections["other_way"]


def write_by(alias, reason):
    """Write in autocommit, in a transaction and around a savepoint that is rolled back."""
    rows = Ledger.objects.using(alias.alias)
    with change_context(reason=reason):
        rows.create(title="a")
        with transaction.atomic(using=alias.alias):
            rows.update(amount=1)
            with pytest.raises(ZeroDivisionError), transaction.atomic(using=alias.alias):
                rows.update(amount=2)
                1 / 0  # noqa: B018
            rows.update(amount=3)


@pytest.mark.parametrize(
    "settings",
    [
        {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True},
        pytest.param(
            {"OPTIONS": {"server_side_binding": True}},
            marks=pytest.mark.database_lacks("sqlite", reason="binds all parameters in the client"),
        ),
        pytest.param(
            {"DISABLE_SERVER_SIDE_CURSORS": True},
            marks=pytest.mark.database_lacks("sqlite", reason="has no server"),
        ),
        {"ATOMIC_REQUESTS": True},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_the_context_arrives_however_the_connection_is_set_up(settings):
    with other_alias(**settings) as alias:
        write_by(alias, "first")
        alias.close_if_unusable_or_obsolete()
        write_by(alias, "second")
    assert reasons() == ["first"] * 3 + ["second"] * 5


def test_rows_that_are_read_piece_by_piece_are_written_with_their_context():
    Ledger.objects.bulk_create([Ledger(title=str(number)) for number in range(5)])
    with transaction.atomic():
        for ledger in Ledger.objects.order_by("id").iterator(chunk_size=2):
            with change_context(reason=ledger.title):
                Ledger.objects.filter(pk=ledger.pk).update(amount=1)
    assert reasons() == [""] * 5 + ["0", "1", "2", "3", "4"]


@pytest.mark.database_lacks("sqlite", reason="has no server")
@pytest.mark.needs_pgbouncer
def test_a_pooler_that_pools_by_transactions_mixes_no_contexts_up():
    import psycopg

    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password")
    server = {name: str(parameters.get(name) or "") for name in names}
    with run_pooler(server) as host:
        place = {"HOST": str(host), "PORT": str(PORT), "DISABLE_SERVER_SIDE_CURSORS": True}
        workers = set()
        with (
            other_alias(**place) as alias,
            psycopg.connect(
                host=str(host), port=PORT, dbname=parameters["dbname"], user=server["user"]
            ) as program,
        ):
            program.autocommit = True
            for reason in ("first", "second"):
                write_by(alias, reason)
                program.execute("UPDATE testapp_ledger SET amount = amount + 10")
                workers.add(program.execute("SELECT pg_backend_pid()").fetchone()[0])
                with alias.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    workers.add(cursor.fetchone()[0])
    # They shared one connection to the server, and nothing else.
    assert len(workers) == 1
    assert reasons() == ["first"] * 3 + [""] + ["second"] * 5 + ["", ""]


def test_a_user_who_is_deleted_leaves_key_and_label_on_the_event():
    person = Person.objects.create(username="ann")
    key = person.pk
    with change_context(actor=person, on_behalf_of="bob"):
        Ledger.objects.create(title="a")
    person.delete()
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.actor_label) == (key, "ann as bob")


def test_a_command_that_the_terminal_runs_tells_who_ran_it(tmp_path):
    fixture = tmp_path / "ledgers.json"
    fixture.write_text('[{"model": "testapp.ledger", "fields": {"title": "by hand"}}]')
    subprocess.run(
        [sys.executable, "-m", "django", "loaddata", "--verbosity=0", str(fixture)],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": name_database(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
    )
    event = AuditEvent.objects.get()
    assert (event.source, event.actor_label) == ("system", getpass.getuser())
    assert event.user_agent == "django-admin loaddata"


def test_a_transaction_that_reads_first_is_told_the_context_of_its_writes():
    with change_context(reason="why"):
        for _ in range(2):
            with transaction.atomic():
                Ledger.objects.count()
                Ledger.objects.create(title="a")
    assert reasons() == ["why", "why"]


@pytest.mark.database_lacks("sqlite", reason="has no procedures")
def test_a_procedure_that_commits_runs_and_its_changes_are_recorded_without_a_context():
    block = (
        "DO $$ BEGIN UPDATE testapp_ledger SET amount = 2; COMMIT;"
        " UPDATE testapp_ledger SET amount = 3; END $$"
    )
    with change_context(reason="why"), connection.cursor() as cursor:
        Ledger.objects.create(title="a", amount=1)
        cursor.execute(block)
        Ledger.objects.update(amount=4)
    events = AuditEvent.objects.order_by("id").values_list("action", "source", "reason")
    assert list(events) == [
        ("create", "system", "why"),
        ("update", "database", ""),
        ("update", "database", ""),
        ("update", "system", "why"),
    ]


@pytest.mark.database_lacks("sqlite", reason="has neither of them")
@pytest.mark.parametrize("sql", ["DISCARD ALL", "CLUSTER"])
def test_what_wants_no_transaction_gets_none(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
