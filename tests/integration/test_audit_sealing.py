"""A seal holds what is final, and nobody waits for it."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from django_modernize.audit import AuditEvent, seal, verify
from django_modernize.audit.ledger.horizon import SealingDelayed
from django_modernize.audit.ledger.rows import CREATED_AT, EXACT_MICROSECONDS
from tests.connections import other_program
from tests.sealing import waiting_for_the_seal
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("trail_layout"),
]

INSERT = "INSERT INTO testapp_ledger (title, amount) VALUES ('late', 1)"


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_an_event_that_is_committed_late_does_not_slip_behind_a_seal():
    with other_program() as program:
        program.autocommit = False
        program.execute(INSERT)
        Ledger.objects.create(title="early")
        with pytest.raises(SealingDelayed, match="bi-tool"):
            seal(wait=0.1)
        with pytest.raises(CommandError, match="bi-tool"):
            call_command("audit_seal", wait=0.1)
        program.commit()
    assert [made.event_count for made in seal()] == [2]
    assert verify().is_sound


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_sealing_goes_on_as_soon_as_the_writers_are_through():
    with other_program() as program:
        program.autocommit = False
        program.execute(INSERT)
        Ledger.objects.create(title="early")
        timer = threading.Timer(0.3, program.commit)
        timer.start()
        assert [made.event_count for made in seal(wait=10)] == [2]
        timer.join()


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_a_transaction_that_begins_to_write_later_is_not_waited_for():
    Ledger.objects.create(title="early")
    with other_program() as program:
        program.autocommit = False
        program.execute("SELECT 1 FROM testapp_ledger")
        assert [made.event_count for made in seal(wait=10)] == [1]
        program.execute(INSERT)
        program.commit()
    assert [made.event_count for made in seal()] == [1]
    assert verify().is_sound


def test_numbers_of_rolled_back_events_are_no_gaps():
    Ledger.objects.create(title="first")
    with transaction.atomic():
        Ledger.objects.create(title="rolled back")
        transaction.set_rollback(True)
    Ledger.objects.create(title="second")
    seal()
    assert verify().is_sound
    assert AuditEvent.objects.count() == 2


def test_many_events_are_sealed_in_several_seals(monkeypatch):
    monkeypatch.setattr("django_modernize.audit.ledger.sealing.EVENTS_PER_SEAL", 10)
    monkeypatch.setattr("django_modernize.audit.ledger.rows.PAGE_SIZE", 7)
    Ledger.objects.bulk_create(Ledger(title=str(number)) for number in range(25))
    assert [made.event_count for made in seal()] == [10, 10, 5]
    report = verify()
    assert (report.is_sound, report.event_count) == (True, 25)


@pytest.mark.database_lacks("sqlite", reason="refuses to write what was read before another wrote")
def test_a_seal_that_another_one_has_just_made_is_not_made_twice():
    Ledger.objects.create(title="first")
    made = []

    def act():
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_isolation TO 'repeatable read'")
        made.append(seal())

    with waiting_for_the_seal(act):
        assert [one.event_count for one in seal()] == [1]
    assert made == [[]]
    assert verify().is_sound


def test_two_who_seal_at_once_make_one_chain():
    Ledger.objects.bulk_create(Ledger(title=str(number)) for number in range(50))
    made = []

    def run():
        try:
            made.extend(seal())
        except Exception as error:  # noqa: BLE001
            made.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.event_count for one in made] == [50]
    assert verify().is_sound


EDGES = (
    *("infinity", "-infinity", None, "0044-03-15 12:00:00.000001+00 BC"),
    *("1969-12-31 23:59:59.999999+00", "1970-01-01 00:00+00", "1970-01-01 00:00:00.000001+00"),
    *("2099-12-31 23:59:59.999999+00", "2100-01-01 00:00+00", "2100-01-01 00:00:00.000001+00"),
    "294276-12-31 23:59:59.999999+00",
)


@pytest.mark.database_lacks("sqlite", reason="has its times as text")
def test_the_quick_way_to_a_time_gives_the_number_of_the_exact_one():
    moments = """
        SELECT unnest(%s::timestamptz[])
        UNION ALL SELECT timestamptz '1970-01-01 00:00+00'
          + n * interval '11 hours 23 minutes 42.123457 seconds'
        FROM generate_series(1, 99999) n"""
    ways = f"""
        SELECT {CREATED_AT["postgresql"]}, coalesce(CAST({EXACT_MICROSECONDS} AS text), '0')
        FROM ({moments}) moments (created_at)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE quick = exact), count(DISTINCT exact)"
            f" FROM ({ways}) ways (quick, exact)",
            [list(EDGES)],
        )
        # Nothing and 1970 have the same number.
        assert cursor.fetchone() == (100_010, 100_010, 100_009)
