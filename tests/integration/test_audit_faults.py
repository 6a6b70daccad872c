"""With the trail broken on purpose, no row is written unrecorded, and somebody is told."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction

from django_modernize.audit import AuditEvent
from django_modernize.audit.checks import check_triggers
from django_modernize.context import change_context
from django_modernize.exceptions import TrailUnavailable
from django_modernize.triggers.installer import compare_triggers, synchronize_triggers
from django_modernize.triggers.vendors import list_support_tables
from tests.connections import other_program
from tests.testapp.models import Book, Keyword, Ledger

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS, CONTEXTS = "modernize_audit_event", "modernize_audit_context"


def run(sql):
    """Run a statement behind the back of the library, as another program would."""
    with other_program() as program:
        program.execute(sql)


def check():
    return sorted({message.id for message in check_triggers(databases=["default"])})


def assert_command_fails():
    with pytest.raises(CommandError, match="differ from the models"):
        call_command("modernize_triggers", "--check", stdout=io.StringIO())


@pytest.fixture
def ledger():
    Keyword.objects.create(pk=5)
    return Ledger.objects.create(title="before", amount=1)


@pytest.fixture(params=[EVENTS, CONTEXTS])
def lost_table(request, ledger):
    """The table of events or of their circumstances is gone, with all that was in it."""
    table = request.param
    # SQLite would have the triggers follow a table that is only renamed.
    if connection.vendor == "sqlite":
        with other_program() as program:
            (schema,) = program.execute(
                "SELECT group_concat(sql, ';') FROM sqlite_master WHERE tbl_name = ?", [table]
            ).fetchone()
            program.execute(f"DROP TABLE {table}")
    else:
        run(f"ALTER TABLE {table} RENAME TO lost")
    yield table
    if connection.vendor == "sqlite":
        with other_program() as program:
            program.executescript(schema)
    else:
        run(f"ALTER TABLE lost RENAME TO {table}")
    synchronize_triggers(connection)


def write_in_many_ways(ledger):
    """Yield attempts to change a row, each of which has to be refused."""
    with change_context(reason="why"):
        yield lambda: Ledger.objects.create(title="new")
        yield lambda: Ledger.objects.update(amount=2)
        yield lambda: Ledger.objects.bulk_create([Ledger(title="new")])
        yield lambda: ledger.delete()
        yield lambda: Book(pk=1).tags.add(5)


def test_without_its_tables_every_change_is_refused_with_what_to_do(lost_table, ledger):
    for attempt in write_in_many_ways(ledger):
        with pytest.raises(TrailUnavailable, match=r"modernize_triggers --check") as caught:
            attempt()
        assert lost_table in str(caught.value)
        assert isinstance(caught.value, DatabaseError)
    assert list(Ledger.objects.values_list("title", "amount")) == [("before", 1)]


def test_without_its_tables_a_transaction_cannot_be_committed_in_part(lost_table, ledger):
    with change_context(reason="why"), pytest.raises(TrailUnavailable), transaction.atomic():
        # Not the number that the other one has been given.
        Keyword.objects.create(id=6, name="not tracked")
        Ledger.objects.update(amount=2)
    assert Keyword.objects.count() == 1


@pytest.mark.parametrize("lost_table", [EVENTS], indirect=True)
def test_another_programs_change_is_refused_too(lost_table):
    with pytest.raises(Exception, match=lost_table):
        run("UPDATE testapp_ledger SET amount = 2")
    assert Ledger.objects.get().amount == 1


def test_a_lost_table_is_an_error_of_the_check_and_of_the_command(lost_table):
    assert check() == ["modernize.E206"]
    assert_command_fails()


def test_a_trail_that_was_never_made_is_a_warning_and_an_error_of_the_command(lost_table):
    for trigger in compare_triggers(connection).unexpected:
        on_table = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
        run(f'DROP TRIGGER "{trigger.name}"{on_table}')
    # No error, which would keep the first migrate from making the table.
    assert check() == ["modernize.W207"]
    assert_command_fails()


class OwnTablesAlone:
    """A router as projects write it: what it does not name stays out."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label == "testapp"


def test_a_router_that_keeps_the_trail_out_is_named(lost_table, settings):
    settings.DATABASE_ROUTERS = [OwnTablesAlone()]
    (message,) = [one for one in check_triggers(databases=["default"]) if one.id.endswith("E206")]
    settings.DATABASE_ROUTERS = []
    assert 'allow_migrate("default", "modernize_audit") return True' in message.hint
    assert "migrate modernize_audit zero --fake --database default" in message.hint


@pytest.mark.database_lacks("postgresql", reason="needs no table to carry the context")
def test_a_lost_slot_is_refused_reported_and_made_again(ledger):
    (slot,) = list_support_tables(connection)
    run(f"DROP TABLE {slot}")
    connection.close()
    with pytest.raises(TrailUnavailable, match=slot):
        Ledger.objects.update(amount=2)
    assert "modernize.E206" in check()
    assert_command_fails()
    call_command("modernize_triggers", "--install", stdout=io.StringIO())
    assert compare_triggers(connection).is_clean
    Ledger.objects.update(amount=3)
    assert AuditEvent.objects.count() == 2


@pytest.fixture
def refused_events(ledger):
    """Somebody put a trigger on the table of events that refuses some."""
    if connection.vendor == "sqlite":
        run(
            f"CREATE TRIGGER refusal BEFORE INSERT ON {EVENTS} WHEN NEW.object_type LIKE '%ledger'"
            f" BEGIN SELECT RAISE(ABORT, '{EVENTS} is closed'); END"
        )
    else:
        run(f"ALTER TABLE {EVENTS} ADD CHECK (object_type NOT LIKE '%ledger') NOT VALID")
    yield
    if connection.vendor == "sqlite":
        run("DROP TRIGGER refusal")
    else:
        run(f"ALTER TABLE {EVENTS} DROP CONSTRAINT {EVENTS}_object_type_check")


@pytest.mark.usefixtures("refused_events")
def test_an_event_that_is_refused_takes_its_change_along():
    with pytest.raises(TrailUnavailable):
        Ledger.objects.update(amount=2)
    with pytest.raises(TrailUnavailable):
        Ledger.objects.create(title="new")
    assert list(Ledger.objects.values_list("title", "amount")) == [("before", 1)]


@pytest.mark.database_lacks("sqlite", reason="knows no users")
def test_a_user_who_may_not_write_events_changes_nothing(ledger, role):
    run(f"CREATE ROLE {role}")
    try:
        run(f"GRANT ALL ON testapp_ledger TO {role}")
        with (
            pytest.raises(TrailUnavailable, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute("UPDATE testapp_ledger SET amount = 2")
    finally:
        run(f"DROP OWNED BY {role}")
        run(f"DROP ROLE {role}")
    assert Ledger.objects.get().amount == 1


def test_a_refusal_of_the_rows_own_is_no_fault_of_the_trail(ledger):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        Ledger.objects.bulk_create([Ledger(pk=ledger.pk)])
    assert not isinstance(caught.value, TrailUnavailable)
    with pytest.raises(DatabaseError, match="append-only") as caught, transaction.atomic():
        AuditEvent.objects.all()._raw_delete("default")
    assert not isinstance(caught.value, TrailUnavailable)


@pytest.mark.database_lacks("postgresql", reason="fills its disk in a test of its own")
def test_a_full_disk_refuses_the_change_and_keeps_trail_and_rows_in_agreement(ledger):
    with connection.cursor() as cursor:
        # What other tests deleted left room.
        cursor.execute("VACUUM")
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 5}")
    try:
        with pytest.raises(OperationalError, match="full"):
            Ledger.objects.bulk_create([Ledger(title="x" * 50) for _ in range(1000)])
        with pytest.raises(OperationalError, match="full"), transaction.atomic():
            for _ in range(1000):
                Ledger.objects.create(title="x" * 50)
        while True:
            try:
                Ledger.objects.create(title="x" * 50)
            except OperationalError:
                break
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    events = AuditEvent.objects.for_model(Ledger)
    assert set(events.values_list("object_id", flat=True)) == {
        str(key) for key in Ledger.objects.values_list("pk", flat=True)
    }
    Ledger.objects.create(title="room again")
    assert events.count() == Ledger.objects.count()


@pytest.mark.database_lacks("sqlite", reason="knows no replicas")
def test_a_session_that_acts_as_a_replica_is_an_error():
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            assert check() == ["modernize.E204"]
            assert_command_fails()
        finally:
            cursor.execute("SET session_replication_role = origin")
    assert check() == []


@pytest.mark.database_lacks("sqlite", reason="has no connection that could be lost")
def test_a_connection_that_is_lost_in_a_transaction_leaves_nothing_and_the_next_has_its_context():
    with change_context(reason="lost"), pytest.raises(DatabaseError), transaction.atomic():
        Ledger.objects.create(title="lost")
        process = connection.connection.info.backend_pid
        run(f"SELECT pg_terminate_backend({process})")
        Ledger.objects.create(title="lost as well")
    connection.close()
    with change_context(reason="again"), transaction.atomic():
        Ledger.objects.create(title="kept")
    assert list(Ledger.objects.values_list("title", flat=True)) == ["kept"]
    assert [(event.reason, event.changes["title"]) for event in AuditEvent.objects.all()] == [
        ("again", [None, "kept"])
    ]
