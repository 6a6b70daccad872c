"""A worker that is killed at any point leaves an import that the next one brings to its end."""

import os
import random
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import sleep

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from api.models import Booking, BookingImportPlan, Property, Task, User
from api.models.import_plan import PlanStatus
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.import_plan import create_plan, resume_plan
from api.services.import_plan.background import work_on_plan
from api.services.import_plan.planning import refresh_plan

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ARISTAY_KILL_ROUNDS", "2"))
WORKER = Path(__file__).with_name("kill_worker.py")
EXAMPLE = Path(__file__).parents[2] / "example_project"
ROWS = 120
ROWS_PER_STEP = 10


def database_url():
    """Return the address of the test's own database, for a process beside it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    user = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
    host = str(settings["HOST"] or "").replace("/", "%2F")
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{user}{host}{port}/{settings['NAME']}"


def start_worker(plan):
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "ARISTAY_DEBUG": "1",
        "PYTHONPATH": str(EXAMPLE),
        "DJANGO_SETTINGS_MODULE": "aristay.settings",
    }
    return subprocess.Popen(
        [sys.executable, str(WORKER), str(plan.pk), str(ROWS_PER_STEP)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def dump_bookings():
    """Return what an import leaves, whichever keys and moments it got."""
    bookings = Booking.objects.order_by("property__name", "check_in").values_list(
        "property__name", "check_in", "check_out", "guest_name", "external_code", "status"
    )
    tasks = Task.objects.order_by("property__name", "due_date", "title").values_list(
        "property__name", "due_date", "title", "status", "booking__external_code"
    )
    return list(bookings), list(tasks), list(Property.objects.values_list("name", flat=True))


def empty_tables():
    for model in (Task, Booking, Property):
        model.all_objects.all().hard_delete()


def begin(user):
    """Return a plan that a worker is to apply."""
    data = write_workbook(make_bookings(count=ROWS, seed=4, start=date(2026, 12, 1)))
    plan = create_plan(ContentFile(data, name="bookings.xlsx"), actor=user)
    assert plan.status == PlanStatus.PLANNED
    plan.labels.update(decision="approved")
    refresh_plan(plan)
    BookingImportPlan.objects.filter(pk=plan.pk).update(
        status=PlanStatus.APPLYING, applied_by=user, done_count=0
    )
    plan.rows.update(changed_since=False)
    plan.refresh_from_db()
    return plan


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_import_goes_on_to_what_an_undisturbed_one_leaves(seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = User.objects.create_superuser("boss")
    work_on_plan(begin(user).pk)
    undisturbed = dump_bookings()
    empty_tables()

    plan = begin(user)
    worker = start_worker(plan)
    assert worker.stdout.readline() == b"ready\n", worker.stderr.read()
    # Long enough to be within the work, which takes about a second.
    sleep(random.Random(seed).uniform(0.02, 0.8))
    worker.send_signal(signal.SIGKILL)
    worker.communicate()

    plan.refresh_from_db()
    if plan.status != PlanStatus.APPLIED:
        resume_plan(plan, actor=user)
        plan.refresh_from_db()
    assert plan.status == PlanStatus.APPLIED
    assert dump_bookings() == undisturbed
    assert plan.log.created_count == len(undisturbed[0])
