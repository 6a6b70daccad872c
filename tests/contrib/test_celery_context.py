"""A task of Celery's runs in the context in which it was enqueued, in a worker of its own."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from django_modernize.audit import AuditEvent
from django_modernize.context import change_context, get_context
from django_modernize.contrib.celery import carry_context
from tests.connections import name_database
from tests.testapp.models import Ledger, Person

from .celery_app import app, create_ledger, enqueue_ledger, use_folder

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
REQUEST = UUID("12345678-1234-5678-1234-567812345678")

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def worker(folder, output):
    """Run a worker on the test database until the block is left."""
    environ = os.environ | {
        "CELERY_FOLDER": str(folder),
        "DATABASE_URL": name_database(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    arguments = ["-A", "tests.contrib.celery_app", "worker", "--pool=solo", "--loglevel=WARNING"]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *arguments],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def await_events(count, process, output):
    deadline = time.monotonic() + PATIENCE
    events = AuditEvent.objects.for_model(Ledger).order_by("id")
    while events.count() < count:
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    return list(events)


def test_a_worker_credits_whoever_enqueued_the_task(tmp_path):
    ann = Person.objects.create(username="ann")
    use_folder(tmp_path)
    with change_context(actor=ann, source="api", request_id=REQUEST, reason="her import"):
        create_ledger.delay("directly")
        create_ledger.delay("at the second attempt", fails_first=True)
        enqueue_ledger.delay("by another task")
    create_ledger.delay("by nobody")
    output = tmp_path / "worker.log"
    with worker(tmp_path, output) as process:
        events = await_events(4, process, output)
    told = {
        event.changes["title"][1]: (
            event.actor_id,
            event.actor_label,
            event.source,
            event.request_id,
            event.reason,
        )
        for event in events
    }
    hers = (ann.pk, "ann", "api", REQUEST, "her import")
    assert told == {
        "directly": hers,
        "at the second attempt": hers,
        "by another task": hers,
        "by nobody": (None, "", "system", None, ""),
    }


def test_a_task_that_is_called_at_once_has_the_context_of_its_caller():
    with change_context(reason="at once"):
        create_ledger.apply(["eagerly"])
        create_ledger("called")
        assert get_context().reason == "at once"
    assert [event.reason for event in AuditEvent.objects.order_by("id")] == ["at once"] * 2


def test_carrying_the_context_twice_changes_nothing(tmp_path):
    from celery import signals

    receivers = len(signals.task_prerun.receivers)
    carry_context()
    assert len(signals.task_prerun.receivers) == receivers
    assert app.main == "tests"
