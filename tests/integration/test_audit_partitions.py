"""The trail in monthly partitions, with all that holds for it in one table."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from django_modernize.audit import AuditEvent, history, prune, seal, verify
from django_modernize.audit.checks import check_triggers
from django_modernize.audit.ledger.findings import Problem
from django_modernize.audit.ledger.horizon import SealingDelayed
from django_modernize.audit.ledger.models import AuditSeal
from django_modernize.audit.locking import unlocked
from django_modernize.audit.partitions.catalog import EVENT_TABLE, read_layout
from django_modernize.audit.partitions.checks import check_partitions
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from django_modernize.audit.partitions.locks import run_script
from django_modernize.audit.partitions.months import begin_month
from django_modernize.audit.partitions.tables import PartitionError
from django_modernize.exceptions import TrailUnavailable
from django_modernize.triggers.installer import compare_triggers
from tests.connections import other_program
from tests.partitions import list_partitions, month_after
from tests.testapp.models import Book, Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has no partitions"),
]


def stored_events():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {EVENT_TABLE} ORDER BY id")
        return cursor.fetchall()


def describe_table():
    """Return what the catalogue says of the table: columns, indexes, rights, storage."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relkind, c.reloptions, c.relacl, (SELECT array_agg((attname, atttypid,"
            " attnotnull, attidentity, attstattarget)::text ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = c.oid AND attnum > 0), (SELECT array_agg(indexdef ORDER BY indexdef)"
            " FROM pg_indexes WHERE tablename = relname), pg_get_serial_sequence(relname, 'id')"
            f" FROM pg_class c WHERE c.oid = '{EVENT_TABLE}'::regclass"
        )
        return cursor.fetchone()


def test_events_that_are_there_stay_where_they_are_and_proven():
    book = Book.objects.create(title="before")
    Book.objects.update(title="then")
    seal()
    before, table = stored_events(), describe_table()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_relation_filepath('{EVENT_TABLE}')")
        file = cursor.fetchone()
        partition_events()
        assert stored_events() == before
        cursor.execute(f"SELECT pg_relation_filepath('{EVENT_TABLE}_first')")
        assert cursor.fetchone() == file
    Book.objects.update(title="after")
    seal()
    assert verify().findings == []
    assert [event.action for event in history(book)] == ["update", "update", "create"]
    kept = stored_events()
    merge_partitions()
    assert stored_events() == kept
    assert describe_table() == table
    Book.objects.update(title="whole again")
    seal()
    assert verify().findings == []
    assert compare_triggers(connection).is_clean


def test_it_can_be_done_and_undone_again():
    for title in ("once", "twice"):
        partition_events()
        Book.objects.create(title=title)
        merge_partitions()
    assert read_layout(connection) is None
    assert AuditEvent.objects.count() == 2


@pytest.mark.usefixtures("partitioned")
def test_each_partition_has_the_indexes_the_vacuuming_and_the_statistics_of_the_table():
    begin_month(today=month_after(1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT array_agg(am.amname ORDER BY am.amname) FROM pg_index x"
            " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am am ON am.oid = i.relam"
            " WHERE x.indrelid = c.oid), c.reloptions, (SELECT array_agg(attname ORDER BY attname)"
            " FROM pg_attribute WHERE attrelid = c.oid AND attstattarget = 1000)"
            " FROM pg_class c JOIN pg_inherits h ON h.inhrelid = c.oid"
            f" WHERE h.inhparent = '{EVENT_TABLE}'::regclass"
        )
        found = cursor.fetchall()
    assert len(found) == 3
    assert found == [found[0]] * 3
    assert found[0][0] == ["brin", "btree", "hash"]


@pytest.mark.usefixtures("partitioned")
def test_a_new_month_begins_a_partition_and_ends_the_one_before():
    Book.objects.create(title="this month")
    begun = begin_month(today=month_after(1))
    Book.objects.create(title="next month")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {EVENT_TABLE} ORDER BY id")
        assert [name for (name,) in cursor.fetchall()] == list_partitions()
    assert list_partitions()[-1] == begun.name
    assert begin_month(today=month_after(1)) is None
    seal()
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_a_month_without_a_new_partition_is_written_to_the_last_one_and_warned_of(monkeypatch):
    assert check_partitions(databases=["default"]) == []
    later = datetime.now(UTC) + timedelta(days=62)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    Book.objects.create(title="late")
    assert [message.id for message in check_partitions(databases=["default"])] == ["modernize.W211"]
    call_command("audit_seal")
    assert check_partitions(databases=["default"]) == []
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_every_partition_refuses_to_be_changed_by_its_own_name():
    begin_month(today=month_after(1))
    Book.objects.create(title="last")
    for name in list_partitions():
        for tampering in ("UPDATE {} SET source = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(tampering.format(name))
    assert compare_triggers(connection).is_clean


@pytest.mark.usefixtures("partitioned")
def test_a_partition_without_its_guard_is_an_error_and_named_by_the_verification():
    name = list_partitions()[0]
    run_script(connection, [f"DROP TRIGGER modernize_audit_{name}_guard ON {name}"])
    assert [message.id for message in check_triggers(databases=["default"])] == ["modernize.E202"]
    assert [finding.problem for finding in verify().findings] == [Problem.TRIGGER]


@pytest.mark.usefixtures("partitioned")
@pytest.mark.parametrize("verb", ["DETACH PARTITION {0}", "DROP"])
def test_a_partition_that_is_taken_out_is_named(verb):
    name = list_partitions()[0]
    number = AuditEvent.objects.get().pk
    if verb == "DROP":
        run_script(connection, [f"DROP TABLE {name}"])
    else:
        run_script(connection, [f"ALTER TABLE {EVENT_TABLE} DETACH PARTITION {name}"])
    findings = verify().findings
    assert {finding.problem for finding in findings} == {Problem.REMOVED, Problem.PARTITION}
    assert [finding.event_id for finding in findings if finding.event_id] == [number]
    run_script(connection, [f"DROP TABLE IF EXISTS {name}"])


@pytest.mark.usefixtures("partitioned")
def test_without_a_partition_for_new_events_nothing_is_written_unrecorded():
    name = list_partitions()[-1]
    start = read_layout(connection).newest.start
    run_script(connection, [f"ALTER TABLE {EVENT_TABLE} DETACH PARTITION {name}"])
    with pytest.raises(TrailUnavailable, match="partition"), transaction.atomic():
        Ledger.objects.create(title="unrecorded")
    assert not Ledger.objects.exists()
    assert [message.id for message in check_partitions(databases=["default"])] == ["modernize.E210"]
    with pytest.raises(CommandError, match="nothing can be recorded"):
        call_command("modernize_triggers", "--check")
    assert Problem.PARTITION in {finding.problem for finding in verify().findings}
    with pytest.raises(PartitionError, match="by hand"):
        begin_month(today=month_after(1))
    run_script(
        connection,
        [
            f"ALTER TABLE {EVENT_TABLE} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ({start}) TO (MAXVALUE)"
        ],
    )
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_a_writer_that_names_a_partition_is_waited_for_by_a_seal():
    name = list_partitions()[-1]
    with other_program() as program:
        program.autocommit = False
        program.execute(
            f"INSERT INTO {name} (id, created_at, object_type, object_id, action, source, changes)"
            f" VALUES (nextval('{EVENT_TABLE}_id_seq'), now(), 'a', '1', 'update', 'x', '{{}}')"
        )
        Ledger.objects.create(title="early")
        with pytest.raises(SealingDelayed, match="bi-tool"):
            seal(wait=0.1)
        program.commit()
    seal()
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_pruning_drops_the_partitions_whose_events_are_all_to_go():
    Book.objects.create(title="this month")
    begin_month(today=month_after(1))
    Book.objects.create(title="next month")
    seal()  # over events of both
    begin_month(today=month_after(2))
    moment = datetime.now(UTC)
    Book.objects.create(title="month after")
    seal()
    _first, second, _third, newest = list_partitions()
    report = prune(moment)
    assert (report.seal_count, report.event_count) == (2, 3)
    assert list_partitions() == [newest]
    assert AuditEvent.objects.earliest("id").action == "create"
    seal()
    verified = verify()
    assert verified.findings == []
    assert verified.pruned_count == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE %s", [f"%{second}%"])
        assert cursor.fetchall() == []


@pytest.mark.usefixtures("partitioned")
def test_a_partition_with_an_event_to_keep_is_not_dropped():
    Book.objects.create(title="this month")
    seal()
    moment = datetime.now(UTC)
    Book.objects.create(title="sealed later")
    begin_month(today=month_after(1))
    seal()
    assert prune(moment).event_count == 2
    assert len(list_partitions()) == 2
    assert AuditEvent.objects.filter(action="create").count() == 1
    seal()
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_a_dropped_partition_passes_for_pruned_only_where_the_trail_says_so():
    run_script(connection, [f"DROP TABLE {list_partitions()[0]}"])
    with unlocked():
        AuditSeal.objects.update(pruned_at=datetime.now(UTC), manifest=None)
    assert [finding.seal_number for finding in verify().findings] == [1]


def test_what_hangs_on_the_table_keeps_it_whole():
    run_script(connection, [f"CREATE VIEW walk_view AS SELECT id FROM {EVENT_TABLE}"])
    try:
        with pytest.raises(PartitionError, match="view walk_view"):
            partition_events()
    finally:
        run_script(connection, ["DROP VIEW walk_view"])
    assert compare_triggers(connection).is_clean


def test_those_who_could_read_the_table_can_read_it_still(role):
    run_script(
        connection,
        [
            f"CREATE ROLE {role}",
            f"GRANT SELECT ON {EVENT_TABLE} TO {role} WITH GRANT OPTION",
        ],
    )
    try:
        before = describe_table()
        partition_events()
        run_script(connection, [f"SET ROLE {role}", f"SELECT id FROM {EVENT_TABLE}"])
        with pytest.raises(DatabaseError, match="denied"):
            run_script(connection, [f"SELECT id FROM {list_partitions()[-1]}"])
        run_script(connection, ["RESET ROLE"])
        merge_partitions()
        assert describe_table() == before
    finally:
        run_script(connection, ["RESET ROLE", f"DROP OWNED BY {role}", f"DROP ROLE {role}"])


def test_the_command_says_first_what_it_would_do(capsys):
    call_command("audit_partition", "--dry-run")
    said = capsys.readouterr().out
    assert "ATTACH PARTITION" in said
    assert read_layout(connection) is None
    call_command("audit_partition")
    month = f"{datetime.now(UTC):%Y_%m}"
    assert f"{EVENT_TABLE}_{month}: from " in capsys.readouterr().out
    call_command("audit_partition", "--undo", "--dry-run")
    assert "DROP TABLE" in capsys.readouterr().out
    call_command("audit_partition", "--undo")
    assert "has no partitions" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no partitions"):
        call_command("audit_partition", "--undo")
