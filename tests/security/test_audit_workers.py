"""A trail that is verified in several processes is verified as in one."""

import multiprocessing

import pytest
from django.db import connection, transaction

from django_modernize.audit import AuditEvent, seal, verify
from django_modernize.audit.ledger import sealing, workers
from django_modernize.audit.ledger.findings import Problem
from django_modernize.triggers.installer import drop_triggers, synchronize_triggers
from tests.testapp.models import Ledger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trail(monkeypatch):
    """Twelve events in six seals, one of them removed, one edited."""
    monkeypatch.setattr(sealing, "EVENTS_PER_SEAL", 2)
    for number in range(12):
        Ledger.objects.create(title=f"page {number}")
    assert len(seal()) == 6
    events = list(AuditEvent.objects.order_by("id"))
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM modernize_audit_event WHERE id = %s", [events[3].id])
        cursor.execute(
            "UPDATE modernize_audit_event SET source = 'api' WHERE id = %s", [events[11].id]
        )
    synchronize_triggers(connection)
    return events


def test_several_processes_find_what_one_finds(trail):
    seen = []
    report = verify(processes=2, progress=seen.append)
    assert {(finding.problem, finding.event_id) for finding in report.findings} == {
        (Problem.REMOVED, trail[3].id),
        (Problem.EDITED, trail[11].id),
    }
    assert report == verify()
    assert seen == [2, 4, 6, 8, 10, 12]
    assert multiprocessing.active_children() == []


@pytest.mark.database_lacks("sqlite", reason="is in memory here, out of another process' reach")
def test_events_are_compared_in_other_processes(trail, monkeypatch, capfd):
    monkeypatch.setattr(workers, "check_run", None)
    assert verify(processes=2).problem_count == 2
    assert capfd.readouterr().err == ""


def test_in_a_transaction_no_other_process_is_asked_for_what_it_cannot_see(trail, monkeypatch):
    monkeypatch.setattr(workers, "ProcessPoolExecutor", None)
    with transaction.atomic():
        Ledger.objects.create(title="not committed")
        assert verify(processes=2).problem_count == 2


def test_a_verification_that_is_interrupted_leaves_no_process_behind(trail):
    def interrupt(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(processes=2, progress=interrupt)
    assert multiprocessing.active_children() == []
