"""An operation that is killed in the middle loses nothing, and goes on where it was."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tests.carrier import ROWS, list_operations, list_tables
from tests.lease import Project

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
MAY = date(2026, 5, 1)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def project():
    """A project with bookings of which all but one in ten end before they begin."""
    project = Project()
    project.migrate(*list_tables())
    house = project.model("House").objects.create()
    booking = project.model()
    booking.objects.bulk_create(
        booking(
            house=house,
            start=MAY,
            end=MAY + timedelta(days=1 if number % 10 == 0 else -1),
            added_on=NOON + timedelta(hours=number),
        )
        for number in range(ROWS)
    )
    yield project
    project.drop()


def kill_after(name, batches):
    """Run an operation in a process of its own, and kill that after some batches."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.carrier", name],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": address()},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(batches):
            assert process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def address():
    """Return the address of the database that the tests made."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def carry(project, name):
    operation = list_operations()[name]
    before = project.state
    after = before.clone()
    operation.state_forwards("lease", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("lease", editor, before, after)
    project.state = after
    return operation, before


def carry_back(project, operation, before):
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("lease", editor, project.state, before)
    project.state = before


def count_rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_rows_that_were_half_moved_are_moved_and_come_back(project):
    everything = list(project.model().objects.order_by("pk").values())
    kill_after("constraint", 3)
    moved = count_rows("quarantine_booking_order")
    assert 40 <= moved < ROWS * 0.9
    assert moved + project.model().objects.count() == ROWS
    operation, before = carry(project, "constraint")
    assert count_rows("quarantine_booking_order") == ROWS * 0.9
    assert project.model().objects.count() == ROWS * 0.1
    with pytest.raises(IntegrityError), transaction.atomic():
        project.book(2, 1)
    carry_back(project, operation, before)
    assert list(project.model().objects.order_by("pk").values()) == everything


def test_stamps_that_were_half_filled_are_filled_and_emptied(project):
    kill_after("stamps", 3)
    filled = project.model().objects.filter(created_at__isnull=False).count()
    assert 40 <= filled < ROWS
    # What is stamped meanwhile stays.
    last = project.model().objects.order_by("-pk").first()
    project.model().objects.filter(pk=last.pk).update(created_at=NOON)
    operation, before = carry(project, "stamps")
    rows = project.model().objects.exclude(pk=last.pk)
    assert all(row.created_at == row.added_on for row in rows)
    carry_back(project, operation, before)
    assert project.model().objects.filter(created_at__isnull=False).get().pk == last.pk
