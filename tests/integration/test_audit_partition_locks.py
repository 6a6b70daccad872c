"""Partitions come and go while others write, and whoever is stopped halfway loses nothing."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from django_modernize.audit import AuditEvent, seal, verify
from django_modernize.audit.ledger.models import AuditSeal
from django_modernize.audit.partitions import months
from django_modernize.audit.partitions.catalog import EVENT_TABLE, read_layout
from django_modernize.audit.partitions.checks import check_partitions
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from django_modernize.audit.partitions.locks import EventsBusy, locked_table
from django_modernize.audit.partitions.months import begin_month
from tests.connections import is_waiting, other_program, wait_until
from tests.partitions import list_partitions, month_after
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has no partitions"),
]

INSERT = "INSERT INTO testapp_ledger (title, amount) VALUES ('another', 1)"


def test_open_writers_are_waited_for_no_longer_than_said():
    Ledger.objects.create(title="first")
    with other_program() as program:
        program.autocommit = False
        program.execute(INSERT)
        with pytest.raises(EventsBusy, match="long transactions"):
            partition_events(wait=0.05)
        program.commit()
    assert read_layout(connection) is None
    partition_events()
    assert AuditEvent.objects.count() == 2
    merge_partitions()


@pytest.mark.usefixtures("partitioned")
def test_a_seal_is_made_though_the_month_cannot_be_begun(monkeypatch, capsys):
    later = datetime.now(UTC) + timedelta(days=62)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    Ledger.objects.create(title="to seal")
    with other_program() as program:
        program.autocommit = False
        program.execute(f"SELECT 1 FROM {EVENT_TABLE}")
        call_command("audit_seal")
        program.rollback()
    said = capsys.readouterr()
    assert "1 events sealed" in said.out
    assert "was not created" in said.err
    assert AuditSeal.objects.count() == 2


@pytest.mark.usefixtures("partitioned")
def test_writers_go_on_after_a_month_that_broke_off(monkeypatch):
    monkeypatch.setattr(months, "_replace", lambda *arguments: ["SELECT 1 / 0"])
    with pytest.raises(DatabaseError):
        begin_month(today=month_after(1))
    monkeypatch.undo()
    Ledger.objects.create(title="goes on")
    assert begin_month(today=month_after(1)) is not None
    Ledger.objects.create(title="goes on")
    assert AuditEvent.objects.count() == 3


def test_a_conversion_that_broke_off_records_on_and_can_be_gone_on_with(monkeypatch, capsys):
    monkeypatch.setattr(months, "_replace", lambda *arguments: ["SELECT 1 / 0"])
    with pytest.raises(DatabaseError):
        partition_events()
    monkeypatch.undo()
    Ledger.objects.create(title="goes on")
    assert [message.id for message in check_partitions(databases=["default"])] == ["modernize.W211"]
    call_command("audit_partition", "--dry-run")
    assert "ATTACH PARTITION" in capsys.readouterr().out
    partition_events()
    call_command("audit_partition", "--dry-run")
    assert capsys.readouterr().out.strip() == ""
    assert len(list_partitions()) == 2
    merge_partitions()
    assert AuditEvent.objects.count() == 1


@pytest.mark.usefixtures("partitioned")
def test_two_who_begin_a_month_at_once_begin_one():
    begun = []

    def run():
        begun.append(begin_month(today=month_after(1), wait=20))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    with other_program() as program:
        program.autocommit = False
        program.execute(f"SELECT 1 FROM {EVENT_TABLE}")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.3)
            assert thread.is_alive()
        program.commit()
        for thread in threads:
            thread.join()
    assert sorted(one is None for one in begun) == [False, True]
    assert len(list_partitions()) == 3


@pytest.mark.usefixtures("partitioned")
@pytest.mark.parametrize("step", [1, 2, 3])
def test_one_who_is_overtaken_before_a_lock_leaves_what_the_other_began(monkeypatch, step):
    begun, locks = [], count(1)

    def overtake():
        begun.append(begin_month(today=month_after(1)))
        connection.close()

    @contextmanager
    def lock_late(*args, **options):
        if next(locks) == step:
            other = threading.Thread(target=overtake)
            other.start()
            other.join()
        with locked_table(*args, **options):
            yield

    monkeypatch.setattr(months, "locked_table", lock_late)
    assert begin_month(today=month_after(1)) is None
    assert [one is None for one in begun] == [False]
    assert len(list_partitions()) == 3


@pytest.mark.usefixtures("partitioned")
@pytest.mark.parametrize("step", [1, 2, 3])
def test_one_who_wants_the_whole_table_meanwhile_waits_and_holds_no_part_of_it(monkeypatch, step):
    locks = count(1)

    def lock_everything(program):
        program.execute(f"LOCK TABLE {EVENT_TABLE} IN ACCESS EXCLUSIVE MODE")
        program.rollback()

    with other_program() as program:
        number = program.info.backend_pid
        other = threading.Thread(target=lock_everything, args=[program])

        @contextmanager
        def lock_and_be_waited_for(*args, **options):
            with locked_table(*args, **options):
                if next(locks) == step:
                    other.start()
                    wait_until(lambda: is_waiting(number))
                yield

        program.autocommit = False
        monkeypatch.setattr(months, "locked_table", lock_and_be_waited_for)
        begun = begin_month(today=month_after(1), wait=20)
        other.join()
    assert list_partitions()[2:] == [begun.name]


@pytest.mark.usefixtures("partitioned")
def test_a_removal_that_cannot_drop_a_partition_now_says_so():
    begin_month(today=month_after(1))
    with other_program() as program:
        program.autocommit = False
        program.execute(f"SELECT 1 FROM {EVENT_TABLE}")
        with pytest.raises(CommandError, match=r"Nothing was changed.*Try again"):
            call_command("audit_prune", "--older-than", "0h")
        program.rollback()
    assert verify().findings == []


def test_writers_at_work_lose_nothing_while_partitions_come_and_go():
    is_over, written, failures = threading.Event(), [], []

    def write():
        with other_program() as program:
            while not is_over.is_set():
                try:
                    program.execute(INSERT)
                    written.append(1)
                except Exception as error:  # noqa: BLE001
                    failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        partition_events(wait=10)
        for count in (1, 2):
            seal()
            begin_month(wait=10, today=month_after(count))
        merge_partitions(wait=10)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert AuditEvent.objects.for_model(Ledger).count() == len(written) > 0
    seal()
    assert verify().findings == []


@pytest.mark.usefixtures("partitioned")
def test_another_program_writes_on_while_partitions_come_and_go():
    with other_program() as program:
        program.execute(INSERT)
        begin_month(today=month_after(1))
        program.execute(INSERT)
        merge_partitions()
        program.execute(INSERT)
        partition_events()
        program.execute(INSERT)
    assert AuditEvent.objects.for_model(Ledger).count() == 4
    seal()
    assert verify().findings == []
