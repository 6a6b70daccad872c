"""The commands say what they did, and fail where nothing could be done."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from api.models import Booking, BookingImportLog, User
from api.services.demo_workbook import FLAWS, make_bookings, write_workbook
from api.services.demo_workbook.bookings import BROKEN_NAME
from api.services.excel_import.workbook import read_schedule
from django_modernize.audit import AuditEvent

from .factories import make_file, row

pytestmark = pytest.mark.django_db


def call(*arguments, **options):
    out, progress = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=progress, **options)
    return out.getvalue(), progress.getvalue()


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(make_file(row(), row(code="HM2", start_date="31 Febuary")))
    return path


def test_an_import_reports_progress_counts_and_what_a_person_must_do(owl, plan):
    out, progress = call("import_bookings", plan)
    assert "Reading the workbook" in progress
    assert "Writing 2 rows" in progress
    assert "Row 3, column I (Start date): “31 Febuary” is not a date." in out
    assert "2 rows: 1 created, 0 updated, 0 unchanged, 0 in conflict, 1 refused" in out


def test_an_import_names_every_row_on_demand_and_nothing_but_the_report_when_quiet(owl, plan):
    assert "Row 2." in call("import_bookings", plan, verbosity=2)[0]
    assert call("import_bookings", plan, verbosity=0)[1] == ""


def test_an_import_is_credited_to_the_named_user(owl, plan):
    User.objects.create_superuser("nora")
    call("import_bookings", plan, user="nora")
    assert AuditEvent.objects.get(object_type="api.booking").actor.username == "nora"
    assert BookingImportLog.objects.get().imported_by.username == "nora"


def test_an_import_without_a_user_is_credited_to_the_terminal(owl, plan):
    call_command("import_bookings", plan, verbosity=0, stdout=StringIO())
    events = AuditEvent.objects.filter(source="excel_import")
    assert events
    assert {event.actor_label.startswith("import_bookings by ") for event in events} == {True}


def test_a_user_who_may_not_import_stops_the_import(owl, plan):
    User.objects.create_user("nora")
    with pytest.raises(CommandError, match="nora may not"):
        call("import_bookings", plan, user="nora")
    assert not Booking.objects.exists()


def test_an_unknown_user_stops_the_import(owl, plan):
    with pytest.raises(CommandError, match="no user “nobody”"):
        call("import_bookings", plan, user="nobody")
    assert not Booking.objects.exists()


def test_a_dry_run_says_so_and_writes_nothing(owl, plan):
    out, _ = call("import_bookings", plan, dry_run=True)
    assert "Dry run, nothing written: 2 rows: 1 created" in out
    assert not Booking.objects.exists()


def test_properties_are_created_on_demand(plan):
    assert "2 refused" in call("import_bookings", plan)[0]
    out, _ = call("import_bookings", plan, create_properties=True)
    assert "New properties: Owl Point" in out


def test_a_broken_file_and_a_missing_one_fail(tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"nothing")
    with pytest.raises(CommandError, match="The content is of no type"):
        call("import_bookings", broken)
    with pytest.raises(CommandError, match=r"none\.xlsx cannot be read"):
        call("import_bookings", tmp_path / "none.xlsx")


def test_a_demo_workbook_is_the_same_for_the_same_arguments(tmp_path):
    files = [tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.xlsx"]
    for path, seed in zip(files, (1, 1, 2), strict=True):
        call("make_demo_workbook", path, rows=30, seed=seed)
    first, second, third = (path.read_bytes() for path in files)
    assert first == second != third
    assert len(read_schedule(first).rows) == 30


@pytest.mark.parametrize(("rows", "flawed"), [(-1, 0), (20_001, 0), (5, 6)])
def test_a_demo_workbook_of_impossible_size_is_refused(tmp_path, rows, flawed):
    with pytest.raises(CommandError):
        call("make_demo_workbook", tmp_path / "x.xlsx", rows=rows, flawed_rows=flawed)


def test_a_demo_workbook_has_the_quirks_of_the_real_one():
    data = write_workbook(make_bookings(count=200, seed=1, start=date(2026, 12, 1)))
    rows = [one.cells for one in read_schedule(data).rows]
    assert {"Directly", "Owner staying"} <= {one["code"] for one in rows}
    assert any(isinstance(one["nights"], date) and one["nights"].year == 1900 for one in rows)
    assert any(one["guest_name"] == BROKEN_NAME for one in rows)
    assert any(one["property_label"] != one["property_label"].strip() for one in rows)
    assert any(one["property_label"].islower() for one in rows)
    assert {"AIRBNB", "VRBO", "Directly", "Owner staying"} == {one["source"] for one in rows}


def test_sound_demo_bookings_are_all_imported_and_flawed_ones_are_not():
    data = write_workbook(
        make_bookings(count=120, seed=4, start=date(2026, 12, 1), flawed_count=len(FLAWS))
    )
    from api.services.excel_import import import_bookings

    report = import_bookings(data, file_name="demo.xlsx", create_properties=True)
    assert report.counts["created"] == 120 - len(FLAWS)


def test_other_programs_can_open_a_demo_workbook(tmp_path):
    from openpyxl import load_workbook

    path = tmp_path / "demo.xlsx"
    call("make_demo_workbook", path, rows=10)
    book = load_workbook(path, data_only=True)
    page = book["Cleaning schedule"]
    assert len(book.sheetnames) == 5
    assert page["A2"].value is None
    assert page["U2"].value in {"AIRBNB", "VRBO", "Directly", "Owner staying"}
    assert page.max_row == 1000
    assert page.column_dimensions["E"].hidden
    assert load_workbook(path)["Cleaning schedule"]["U2"].value.startswith("=IF(LEFT(B2,2)")
