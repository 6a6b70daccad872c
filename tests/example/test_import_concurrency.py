"""Imports that run at the same time leave what one after the other would have left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection

from api.models import Booking, BookingImportLog, Property, Task, User
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.excel_import import import_bookings
from api.services.import_plan import apply_plan, create_plan

from .factories import make_file, row

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTERS = 4


def import_together(files, **options):
    """Import the files at once, each in a thread with a connection of its own."""
    start = Barrier(len(files))

    def work(data):
        try:
            start.wait(timeout=60)
            return import_bookings(data, file_name="x.xlsx", **options)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(work, files))


def created(reports):
    return sum(
        count
        for report in reports
        for outcome, count in report.counts.items()
        if outcome == "created"
    )


def test_one_file_imported_by_several_at_once_is_imported_once():
    data = write_workbook(make_bookings(count=40, seed=9, start=date(2026, 12, 1)))
    reports = import_together([data] * IMPORTERS, create_properties=True)
    assert created(reports) == 40
    assert Booking.objects.count() == Task.objects.count() == 40
    names = Property.objects.values_list("name", flat=True)
    assert len(names) == len(set(names)) == 10


def test_of_bookings_for_the_same_days_only_one_is_imported():
    Property.objects.create(name="Owl Point")
    files = [
        make_file(row(code=f"HM{number}", guest_name=f"G {number}")) for number in range(IMPORTERS)
    ]
    reports = import_together(files)
    assert created(reports) == Booking.objects.count() == 1
    losers = [one.rows[0] for one in reports if one.rows[0].outcome == "conflict"]
    assert len(losers) == IMPORTERS - 1
    # Each saw the winner's booking: they waited for one another, and the constraint was not asked.
    assert {one.problems[0].code for one in losers} == {"overlap"}


def plan_together(plans, actor):
    """Apply plans at once, each in a thread with a connection of its own."""
    start = Barrier(len(plans))

    def work(plan):
        try:
            start.wait(timeout=60)
            return apply_plan(plan, actor=actor)
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(plans)) as pool:
        return list(pool.map(work, plans))


@pytest.mark.parametrize("is_one_plan", [True, False])
def test_a_plan_and_its_twin_are_applied_once(is_one_plan, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Property.objects.create(name="Owl Point")
    actor = User.objects.create_superuser("boss")
    data = make_file(row(), row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 9)))
    plans = [
        create_plan(ContentFile(data, name="bookings.xlsx"), actor=actor)
        for _ in range(1 if is_one_plan else 2)
    ]
    results = plan_together(plans * (2 if is_one_plan else 1), actor)
    assert Booking.objects.count() == 2
    refused = [one for one in results if isinstance(one, ValidationError)]
    logged = sum(log.created_count for log in BookingImportLog.objects.all())
    assert logged == 2
    assert len(refused) <= 1
