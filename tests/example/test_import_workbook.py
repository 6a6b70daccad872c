"""The company's own workbook, in full: imported, again, and undone."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from api.models import Booking, BookingImportLog, Property, PropertyAlias, Task
from api.models.imports import RowOutcome
from api.services.excel_import import import_bookings
from api.services.import_plan import apply_plan, approve_labels, create_plan, undo_import

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]

WORKBOOK = Path(__file__).with_name("data") / "cleaning_schedule.xlsx"
STAMPS = {"modified_at", "modified_by_id", "modified_via"}


def dump_living():
    """Return every living row of the tables that an import writes, but for the stamps."""
    return {
        model.__name__: [
            {name: value for name, value in one.items() if name not in STAMPS}
            for one in model.objects.order_by("pk").values()
        ]
        for model in (Property, PropertyAlias, Booking, Task)
    }


def test_the_workbook_is_imported_in_full_then_changes_nothing_and_is_undone(administrator):
    before = dump_living()
    report = import_bookings(
        WORKBOOK.read_bytes(), file_name="cleaning_schedule.xlsx", create_properties=True
    )
    assert report.counts[RowOutcome.CREATED] == len(report.rows) == 165
    imported = dump_living()
    again = import_bookings(
        WORKBOOK.read_bytes(), file_name="cleaning_schedule.xlsx", create_properties=True
    )
    assert again.counts[RowOutcome.UNCHANGED] == 165
    assert dump_living() == imported
    plan = undo_import(BookingImportLog.objects.get(pk=report.log_id), actor=administrator)
    assert plan.kept == []
    assert dump_living() == before


def test_the_workbook_goes_through_a_plan_with_every_house_approved(administrator):
    before = dump_living()
    file = ContentFile(WORKBOOK.read_bytes(), name=WORKBOOK.name)
    plan = create_plan(file, actor=administrator)
    assert plan.rows.filter(outcome="refused").count() == plan.row_count == 165
    approve_labels(plan, plan.labels.all(), actor=administrator)
    plan = apply_plan(plan, actor=administrator, is_all_or_nothing=True)
    assert (plan.log.created_count, Booking.objects.count()) == (165, 165)
    undo_import(plan.log, actor=administrator)
    assert dump_living() == before
