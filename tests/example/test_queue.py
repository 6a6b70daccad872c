"""AriStay's queue: what a worker had begun when it was killed is done by the next one."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from api.models import BookingImportPlan, User
from api.models.import_plan import PlanStatus
from api.services.background import enqueue
from api.services.demo_workbook import make_bookings, write_workbook
from tests.connections import name_database

EXAMPLE = Path(__file__).parents[2] / "example_project"
SCRIPT = Path(__file__).with_name("queue_worker.py")
TABLE = "django_tasks_database_dbtaskresult"
ROWS = 12


def run(*command):
    environ = os.environ | {
        "ARISTAY_DEBUG": "1",
        "ARISTAY_TASKS": "database",
        "DATABASE_URL": name_database(),
        "DJANGO_SETTINGS_MODULE": "aristay.settings",
        "PYTHONPATH": str(EXAMPLE),
    }
    done = subprocess.run([sys.executable, *command], env=environ, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.fixture
def _queue(transactional_db):
    """The queue's own table, which AriStay has only where the environment asks for it."""
    status, said = run(str(SCRIPT), "prepare")
    assert status == 0, said
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


@pytest.mark.usefixtures("_queue")
def test_what_a_killed_worker_had_begun_is_done_by_the_next_one_and_once(tmp_path, monkeypatch):
    monkeypatch.setenv("ARISTAY_MEDIA_ROOT", str(tmp_path))
    user = User.objects.create_superuser("boss")
    workbook = tmp_path / "bookings.xlsx"
    workbook.write_bytes(write_workbook(make_bookings(count=ROWS, seed=4, start=date(2026, 12, 1))))
    status, said = run(str(SCRIPT), "enqueue", user.username, str(workbook))
    assert status == 0, said
    plan = BookingImportPlan.objects.get()
    assert plan.status == PlanStatus.UPLOADED
    for point in ("planning", "planned", "never"):
        status, said = run(str(SCRIPT), "work", point)
        assert status == (0 if point == "never" else -signal.SIGKILL), said
    plan.refresh_from_db()
    assert plan.status == PlanStatus.PLANNED
    assert plan.rows.count() == ROWS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status FROM {TABLE}")
        assert cursor.fetchall() == [("SUCCESSFUL",)]


def test_without_a_queue_the_worker_says_how_to_have_one():
    with pytest.raises(CommandError, match="ARISTAY_TASKS=database"):
        call_command("work")


def test_without_a_framework_a_task_is_done_at_once():
    done = []
    enqueue(done.append, "now")
    assert done == ["now"]
