"""Rules that run in the background, in a worker of a real queue that is killed again and again."""

import datetime
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from django_modernize.autotasks.running import follow_changes
from tests.connections import name_database
from tests.integration.test_autotasks_planning import make_template
from tests.testapp.models import Duty, DutyRecord, Venue, Visit

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
STARTS = datetime.datetime(2036, 6, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _database_queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def work(point="never"):
    """Run a worker until its queue is empty, or until it is killed at a point of its work."""
    return subprocess.run(
        [sys.executable, "-m", "tests.contrib.rules_worker", point],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": name_database()},
        timeout=60,
    ).returncode


def give_back():
    """Put what a dead worker had taken into the queue again, as whoever watches workers does."""
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.filter(status="RUNNING").update(status="READY")


def test_a_worker_that_is_killed_and_started_again_makes_no_task_twice():
    venue = Venue.objects.create(name="Barn")
    make_template(runs_after_commit=True, title="Clean for {guest}")
    with follow_changes():
        Visit.objects.bulk_create(
            Visit(venue=venue, starts=STARTS, guest=f"Guest {number}") for number in range(3)
        )
    assert not Duty.objects.exists()
    for point, made in (("planned", 0), ("written", 0), ("committed", 3)):
        assert work(point) == -signal.SIGKILL
        assert Duty.objects.count() == made
        assert give_back() == 1
    assert work() == 0
    assert give_back() == 0
    assert sorted(one.title for one in Duty.objects.all()) == [
        f"Clean for Guest {number}" for number in range(3)
    ]
    assert DutyRecord.objects.count() == 3
