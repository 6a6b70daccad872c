"""An import is undone as a whole, updates included, but for what people built on it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import Booking, BookingImportLog, Property, Task
from api.services.demo_workbook import make_bookings, write_workbook
from api.services.excel_import import import_bookings
from api.services.import_plan import preview_undo, undo_import
from django_modernize.audit import AuditEvent
from django_modernize.context import change_context

from .factories import make_file, row

pytestmark = pytest.mark.django_db

UNDUMPED = {"modified_at", "modified_by_id", "modified_via"}


def run(data, **options):
    report = import_bookings(data, file_name="bookings.xlsx", create_properties=True, **options)
    return BookingImportLog.objects.get(pk=report.log_id)


def dump_living():
    """Return the living rows, but for the stamps, which tell of the undo itself."""
    return [
        [
            {name: value for name, value in one.items() if name not in UNDUMPED}
            for one in model.objects.order_by("pk").values()
        ]
        for model in (Property, Booking, Task)
    ]


def titles(kept):
    return sorted({one.model.__name__ for one in kept})


def test_after_an_undo_the_living_rows_are_as_before(owl, administrator):
    run(make_file(row(), row(code="HM5", start_date=date(2027, 2, 1), end_date=date(2027, 2, 9))))
    before = dump_living()
    log = run(
        make_file(
            row(status="Canceled by guest"),
            row(code="HM2", guest_name="Zeno"),
            row(code="HM3", property_label="Heron House"),
        )
    )
    assert (log.created_count, log.updated_count) == (2, 1)
    assert dump_living() != before
    plan = undo_import(log, actor=administrator)
    assert dump_living() == before
    assert plan.kept == []


def test_an_undone_import_can_be_made_again(owl, administrator):
    data = write_workbook(make_bookings(count=30, seed=3, start=date(2026, 12, 1)))
    undo_import(run(data), actor=administrator)
    assert dump_living()[1:] == [[], []]
    assert run(data).created_count == 30


def test_the_preview_says_what_would_be_undone_and_does_nothing(owl, administrator):
    log = run(make_file(row(), row(code="HM3", property_label="Heron House")))
    before = dump_living()
    plan = preview_undo(log, actor=administrator)
    assert len(plan.removed[Booking]) == 2
    assert plan.removed[Property] == {Property.objects.get(name="Heron House").pk}
    assert dump_living() == before
    log.refresh_from_db()
    assert log.undone_at is None


def test_what_people_changed_since_is_left_and_listed(owl, administrator):
    log = run(
        make_file(row(), row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 3)))
    )
    with change_context(actor=administrator, source="manual"):
        booking = Booking.objects.get(external_code="HM2")
        booking.guest_contact = "+1 555 0100"
        booking.save()
    plan = undo_import(log, actor=administrator)
    assert [one.external_code for one in Booking.objects.all()] == ["HM2"]
    kept = next(one for one in plan.kept if one.model is Booking)
    assert kept.reason == "Changed since by boss: guest contact."


def test_a_booking_on_whose_task_somebody_worked_is_left(owl, administrator):
    log = run(make_file(row()))
    with change_context(actor=administrator, source="manual"):
        Task.objects.create(title="Bring towels", property=owl, booking=Booking.objects.get())
    plan = undo_import(log, actor=administrator)
    assert Booking.objects.count() == 1
    assert "tasks" in next(one for one in plan.kept if one.model is Booking).reason


def test_a_new_house_with_work_of_others_is_left(administrator):
    log = run(make_file(row()))
    Task.objects.create(title="Paint the door", property=Property.objects.get())
    undo_import(log, actor=administrator)
    assert (Property.objects.count(), Booking.objects.count()) == (1, 0)


def test_a_field_that_somebody_changed_after_an_update_is_left(owl, administrator):
    run(make_file(row()))
    log = run(make_file(row(status="Currently hosting")))
    with change_context(actor=administrator, source="manual"):
        Booking.objects.update(status="completed")
    plan = undo_import(log, actor=administrator)
    booking = Booking.objects.get()
    assert (booking.status, booking.external_status) == ("completed", "Confirmed")
    assert titles(plan.kept) == ["Booking"]


def test_what_is_deleted_already_needs_no_undo(owl, administrator):
    log = run(make_file(row()))
    Booking.objects.get().delete()
    assert not undo_import(log, actor=administrator).removed[Booking]


def test_an_import_is_undone_once_and_only_by_who_may(owl, administrator, make_staff):
    log = run(make_file(row()))
    with pytest.raises(PermissionDenied):
        undo_import(log, actor=make_staff("import_bookings"))
    undo_import(log, actor=administrator)
    with pytest.raises(ValidationError) as raised:
        undo_import(log, actor=administrator)
    assert raised.value.code == "undone"


def test_an_undo_is_recorded_with_who_and_why(owl, administrator):
    log = run(make_file(row()))
    undo_import(log, actor=administrator)
    event = AuditEvent.objects.for_object(Booking.all_objects.get()).first()
    assert (event.action, event.actor_id) == ("soft_delete", administrator.pk)
    assert event.reason == f"Undo of the import “bookings.xlsx” ({log.pk})"


def test_statements_of_an_undo_do_not_grow_with_the_rows(administrator):
    counts = []
    for size in (20, 100):
        log = run(write_workbook(make_bookings(count=size, seed=size, start=date(2026, 12, 1))))
        with CaptureQueriesContext(connection) as captured:
            undo_import(log, actor=administrator)
        counts.append(len(captured))
    assert counts[1] <= counts[0]
    # Two of them lock, on PostgreSQL, what the deleted tasks belong to.
    assert counts[0] <= 79


def test_an_undone_import_comes_back_from_the_recycle_bin_as_one(administrator):
    log = run(make_file(row(), row(code="HM3", property_label="Heron House")))
    before = dump_living()
    undo_import(log, actor=administrator)
    Booking.all_objects.first().restore()
    assert dump_living() == before


def test_bookings_that_got_the_same_are_put_back_together(owl, administrator):
    rows = [row(), row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 5))]
    run(make_file(*rows))
    log = run(make_file(*({**one, "status": "Currently hosting"} for one in rows)))
    undo_import(log, actor=administrator)
    assert set(Booking.objects.values_list("status", "external_status")) == {
        ("confirmed", "Confirmed")
    }


def test_what_somebody_has_put_back_already_needs_no_undo(owl, administrator):
    run(make_file(row()))
    former = Booking.objects.values("status", "external_status", "last_import_update").get()
    log = run(make_file(row(status="Currently hosting")))
    with change_context(actor=administrator, source="manual"):
        Booking.objects.update(**former)
    plan = undo_import(log, actor=administrator)
    assert (plan.restored, plan.kept) == ([], [])


def test_what_an_import_made_and_then_changed_is_removed(owl, administrator):
    log = run(make_file(row()))
    with change_context(request_id=log.request_id, source="excel_import"):
        Booking.objects.update(adults=3)
    plan = undo_import(log, actor=administrator)
    assert plan.restored == []
    assert not Booking.objects.exists()
