"""An import writes what its report says, once, in few statements, and never loses a good row."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import Booking, BookingImportLog, Property, PropertyAlias, Task
from api.models.imports import RowOutcome
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.excel_import import ImportRefused, import_bookings
from django_modernize.audit import AuditEvent
from django_modernize.context import change_context

from .factories import make_file, row

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
DEMO = write_workbook(make_bookings(count=60, seed=3, start=date(2026, 12, 1), flawed_count=6))


def run(data, **options):
    return import_bookings(data, file_name="bookings.xlsx", **options)


def counts(report):
    return {outcome.value: count for outcome, count in report.counts.items() if count}


def reasons(report, *outcomes):
    return [row.reason for row in report.rows if row.outcome in outcomes]


def everything():
    models = (Property, Booking, Task)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_sound_row_becomes_a_booking_with_all_that_it_says(owl):
    report = run(
        make_file(
            row(
                guest_contact="+1 555-0100",
                adults=5.0,
                children=1.0,
                infants=0.0,
                nights=3.0,
                booked_on=date(2026, 9, 10),
                listing_name="Owl Gem",
                earnings=725.85,
                same_day_note="Same day check in 2 houses",
                same_day_flag="Check in, check out on the same day of stay Owl Point",
            )
        )
    )
    assert counts(report) == {"created": 1}
    booking = Booking.objects.get()
    assert booking.property == owl
    assert booking.check_in == datetime(2026, 12, 18, 16, tzinfo=NEW_YORK)
    assert booking.check_out == datetime(2026, 12, 21, 10, tzinfo=NEW_YORK)
    assert (booking.external_code, booking.source) == ("HM0001", "Airbnb")
    assert (booking.status, booking.external_status) == ("confirmed", "Confirmed")
    assert (booking.adults, booking.children, booking.infants, booking.nights) == (5, 1, 0, 3)
    assert (str(booking.earnings), booking.currency) == ("725.85", "USD")
    assert (booking.booked_on, booking.listing_name) == (date(2026, 9, 10), "Owl Gem")
    assert booking.same_day_flag
    assert booking.same_day_note == "Same day check in 2 houses"
    assert booking.raw_row["start_date"] == "2026-12-18"
    assert booking.import_log_id == report.log_id
    assert booking.created_via == "excel_import"


def test_a_new_booking_gets_one_cleaning_task_a_day_before(owl):
    report = run(make_file(row()))
    task = Task.objects.get()
    assert task.title == "Pre-arrival Cleaning - Owl Point"
    assert (task.task_type, task.status) == ("cleaning", "pending")
    assert task.due_date == datetime(2026, 12, 17, 16, tzinfo=NEW_YORK)
    assert (task.property, task.booking) == (owl, Booking.objects.get())
    assert report.tasks_created == 1


@pytest.mark.parametrize(
    "values",
    [
        {"status": "Canceled"},
        {
            "status": "Currently hosting",
            "start_date": date(2026, 10, 30),
            "end_date": date(2026, 11, 9),
        },
    ],
)
def test_a_booking_that_needs_no_cleaning_any_more_gets_none(owl, values):
    assert run(make_file(row(**values))).tasks_created == 0
    assert not Task.objects.exists()


def test_the_same_file_twice_writes_nothing_but_its_log():
    first = run(DEMO, create_properties=True)
    before, events = everything(), AuditEvent.objects.count()
    second = run(DEMO, create_properties=True)
    assert counts(first)["created"] == counts(second)["unchanged"]
    assert everything() == before
    assert AuditEvent.objects.count() == events
    assert BookingImportLog.objects.count() == 2


def test_every_row_of_the_file_is_in_the_report():
    report = run(DEMO, create_properties=True)
    assert [one.number for one in report.rows] == list(range(2, 62))
    assert all(reasons(report, RowOutcome.REFUSED, RowOutcome.CONFLICT))
    assert counts(report) == {"created": 54, "conflict": 2, "refused": 4}
    assert Booking.objects.count() == Task.objects.count() == 54


def test_each_created_row_has_an_event_with_actor_source_and_one_request(administrator):
    report = run(DEMO, create_properties=True, actor=administrator)
    events = AuditEvent.objects.filter(source="excel_import")
    assert {event.object_type for event in events} == {
        "api.property",
        "api.booking",
        "api.task",
        "api.taskchecklist",
    }
    assert events.filter(object_type="api.booking").count() == 54
    assert {event.request_id for event in events} == {report.request_id}
    assert {event.actor_id for event in events} == {administrator.pk}
    assert Booking.objects.filter(created_by=administrator).count() == 54


def test_the_context_of_the_caller_is_kept_but_for_source_and_request(administrator):
    with change_context(
        actor=administrator, source="manual", request_id=uuid.uuid4(), reason="weekly"
    ):
        report = run(DEMO, create_properties=True)
    event = AuditEvent.objects.filter(object_type="api.booking").first()
    assert (event.actor_id, event.source, event.reason) == (
        administrator.pk,
        "excel_import",
        "weekly",
    )
    assert event.request_id == report.request_id


def test_unknown_properties_are_refused_unless_they_may_be_created(owl):
    data = make_file(row(), row(code="HM2", property_label="Heron House"))
    report = run(data)
    assert counts(report) == {"created": 1, "refused": 1}
    assert report.rows[1].reason == (
        "Row 3, column O (Properties): there is no property or alias “Heron House”; "
        "say which house it means, or that it is a new one."
    )
    report = run(data, create_properties=True)
    assert counts(report) == {"created": 1, "unchanged": 1}
    assert report.properties_created == ["Heron House"]


def test_a_property_is_not_created_for_a_row_that_is_not_imported(owl):
    run(make_file(row()))
    run(make_file(row(property_label="Elsewhere")), create_properties=True)
    assert [one.name for one in Property.objects.all()] == ["Owl Point"]


def test_an_alias_leads_to_its_property(owl):
    PropertyAlias.objects.create(property=owl, label="The  Owl")
    assert counts(run(make_file(row(property_label="the owl")))) == {"created": 1}
    assert Booking.objects.get().property == owl


def test_a_deleted_property_is_not_found(owl):
    owl.delete()
    assert counts(run(make_file(row()))) == {"refused": 1}


def test_the_times_and_the_zone_of_the_house_decide(owl):
    owl.time_zone, owl.check_in_time = "Asia/Tokyo", "14:00"
    owl.save()
    owl.refresh_from_db()
    run(make_file(row()))
    assert Booking.objects.get().check_in == datetime(
        2026, 12, 18, 14, tzinfo=ZoneInfo("Asia/Tokyo")
    )


def test_a_platforms_status_is_updated_and_recorded(owl):
    run(make_file(row()))
    report = run(make_file(row(status="Currently hosting")))
    assert counts(report) == {"updated": 1}
    booking = Booking.objects.get()
    assert (booking.status, booking.external_status) == ("currently_hosting", "Currently hosting")
    event = AuditEvent.objects.filter(object_type="api.booking", action="update").get()
    assert event.changes["status"] == ["confirmed", "currently_hosting"]
    stored = BookingImportLog.objects.get(pk=report.log_id).rows.get()
    assert (stored.outcome, stored.booking) == ("updated", booking)
    assert stored.differences == [("status", "Confirmed", "Currently hosting")]


def test_a_cancellation_cancels_the_cleaning_nobody_has_begun(owl, crane):
    data = [row(), row(code="HM2", property_label="Crane")]
    run(make_file(*data))
    Task.all_objects.filter(property=crane).update(status="completed")
    run(make_file(*[{**one, "status": "Canceled by guest"} for one in data]))
    assert list(Task.objects.order_by("pk").values_list("status", flat=True)) == [
        "cancelled",
        "completed",
    ]


def test_a_booking_may_take_the_days_of_one_cancelled_in_the_same_file(owl):
    run(make_file(row()))
    report = run(make_file(row(code="HM2", guest_name="Zeno"), row(status="Canceled by guest")))
    assert counts(report) == {"created": 1, "updated": 1}


def test_a_conflict_changes_nothing_and_says_what_differs(owl):
    run(make_file(row()))
    before = everything()
    report = run(make_file(row(guest_name="Zeno", end_date=date(2026, 12, 22))))
    assert counts(report) == {"conflict": 1}
    assert everything() == before
    stored = BookingImportLog.objects.get(pk=report.log_id).rows.get()
    assert stored.told_reason.startswith(
        "Row 2, column J (End date): the file says “2026-12-22”, booking"
    )
    assert ("guest name", "Ada Fenwick", "Zeno") in stored.differences


def test_a_deleted_booking_blocks_neither_its_days_nor_its_code(owl):
    run(make_file(row()))
    Booking.objects.get().delete()
    report = run(make_file(row()))
    assert counts(report) == {"created": 1}
    assert report.rows[0].reason == "A deleted booking has the same code."


def test_a_booking_that_began_before_the_files_first_day_is_seen(owl):
    run(make_file(row(code="HM9", start_date=date(2026, 6, 1), end_date=date(2027, 6, 1))))
    assert counts(run(make_file(row()))) == {"conflict": 1}


def test_a_dry_run_foretells_everything_and_writes_nothing():
    events = AuditEvent.objects.count()
    foretold = run(DEMO, create_properties=True, dry_run=True)
    assert everything() == [[], [], []]
    assert AuditEvent.objects.count() == events
    assert not BookingImportLog.objects.exists()
    done = run(DEMO, create_properties=True)
    assert counts(foretold) == counts(done)
    assert foretold.properties_created == done.properties_created
    assert foretold.tasks_created == done.tasks_created
    assert [one.reason for one in foretold.rows] == [one.reason for one in done.rows]


@pytest.mark.parametrize(
    "data",
    [b"no workbook", make_file(row(), sheet="A", other_sheets=["B"])],
    # A workbook holds the second at which it was made, which would name the test anew each time.
    ids=["no workbook", "two sheets"],
)
def test_a_broken_file_imports_nothing(owl, data):
    events = AuditEvent.objects.count()
    with pytest.raises(ImportRefused):
        run(data)
    assert AuditEvent.objects.count() == events
    assert not BookingImportLog.objects.exists()


def test_the_log_keeps_the_counts_and_only_telling_rows(administrator):
    report = run(DEMO, create_properties=True, actor=administrator)
    log = BookingImportLog.objects.get()
    assert log.pk == report.log_id
    assert (log.row_count, log.created_count, log.refused_count, log.conflict_count) == (
        60,
        54,
        4,
        2,
    )
    assert (log.task_count, log.imported_by) == (54, administrator)
    assert log.bookings.count() == 54
    assert [one.told_reason for one in log.rows.filter(outcome="created")] == [
        reason for reason in reasons(report, RowOutcome.CREATED) if reason
    ]
    again = BookingImportLog.objects.get(pk=run(DEMO, create_properties=True).log_id)
    assert (again.unchanged_count, again.rows.count()) == (54, 6)
    rows = log.rows.exclude(outcome="created")
    assert [one.problem_code for one in rows] == [
        "bad_value",
        "check_out_before_check_in",
        "overlap",
        "repeated",
        "missing_value",
        "unknown_status",
    ]


def test_the_report_says_how_long_each_part_took(owl):
    timings = run(make_file(row())).timings
    assert min(timings.read_ms, timings.check_ms, timings.write_ms) > 0


def statements(count):
    data = write_workbook(make_bookings(count=count, seed=5, start=date(2026, 12, 1)))
    with CaptureQueriesContext(connection) as captured:
        report = run(data, create_properties=True)
    assert counts(report) == {"created": count}
    repeats = CaptureQueriesContext(connection)
    with repeats:
        assert counts(run(data, create_properties=True)) == {"unchanged": count}
    return len(captured), len(repeats)


def test_statements_do_not_grow_with_the_rows():
    few = statements(20)
    Booking.all_objects.all().hard_delete()
    many = statements(200)
    assert many[1] == few[1] <= 15
    # Telling rows of the log are few, and all else is one statement each.
    assert many[0] == few[0]
    assert few[0] <= 40


def test_rows_that_the_database_refuses_are_found_and_the_others_kept(owl, monkeypatch):
    """Whoever writes between check and write is stood in for by a check that sees nothing."""
    from api.services.excel_import import service
    from api.services.excel_import.stays import StayIndex

    run(make_file(row(code="HM9", start_date=date(2026, 12, 20), end_date=date(2026, 12, 25))))
    monkeypatch.setattr(service, "load_stays", lambda rows, houses: StayIndex())
    report = run(
        make_file(
            row(start_date=date(2026, 12, 1), end_date=date(2026, 12, 5)),
            row(code="HM2"),
            row(code="HM9", start_date=date(2027, 1, 1), end_date=date(2027, 1, 5)),
            row(code="HM4", start_date=date(2027, 2, 1), end_date=date(2027, 2, 5)),
        )
    )
    assert [one.outcome.value for one in report.rows] == [
        "created",
        "conflict",
        "conflict",
        "created",
    ]
    assert report.rows[1].reason == "Row 3: the stay overlaps a booking that was saved meanwhile."
    assert report.rows[2].reason == "Row 4: a booking with this code was saved meanwhile."
    assert report.tasks_created == 2
    assert Booking.objects.count() == Task.objects.count() == 3


def test_an_import_that_others_are_always_ahead_of_is_refused(monkeypatch):
    from api.services.excel_import import service

    load = service.load_stays

    def make_first(*arguments):
        Property.objects.create(name="Owl Point")
        return load(*arguments)

    monkeypatch.setattr(service, "load_stays", make_first)
    with pytest.raises(ImportRefused, match="try again"):
        run(make_file(row()), create_properties=True)
    assert not Booking.objects.exists()
