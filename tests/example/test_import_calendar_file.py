"""A calendar that somebody uploads becomes a plan, as a workbook does."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from api.models import Booking, BookingImportTemplate
from api.services.import_plan import apply_plan, create_plan, map_label

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN\r\n"
ADDRESS = "https://www.airbnb.com/hosting/reservations/details"


def event(uid, first, last, summary="Reserved", code=""):
    told = f"DESCRIPTION:Reservation URL: {ADDRESS}/{code}\\nPhone: 0100\r\n" if code else ""
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\n"
        f"DTEND;VALUE=DATE:{last:%Y%m%d}\r\nSUMMARY:{summary}\r\n{told}END:VEVENT\r\n"
    )


STAY = event("a@airbnb.com", date(2026, 12, 18), date(2026, 12, 21), code="HMABCD1234")


def upload(actor, *events, name="Owl Point", file_name="listing.ics", **options):
    head = HEAD + (f"X-WR-CALNAME:{name}\r\n" if name else "")
    text = head + "".join(events) + "END:VCALENDAR\r\n"
    return create_plan(ContentFile(text.encode(), name=file_name), actor=actor, **options)


def outcomes(plan):
    return list(plan.rows.values_list("row_number", "outcome"))


def test_a_calendar_becomes_a_plan_and_bookings(owl, administrator):
    closed = event("b@airbnb.com", date(2027, 1, 1), date(2027, 1, 5), "Airbnb (Not available)")
    plan = upload(administrator, STAY, closed)
    assert (plan.file_type, plan.status, outcomes(plan)) == ("ical", "planned", [(1, "created")])
    apply_plan(plan, actor=administrator)
    booking = Booking.objects.get()
    assert (booking.property, booking.external_code) == (owl, "HMABCD1234")
    assert (booking.guest_name, booking.source, booking.nights) == ("Airbnb", "Airbnb", 3)
    assert booking.find_days() == (date(2026, 12, 18), date(2026, 12, 21))
    assert booking.raw_row == {"uid": "a@airbnb.com", "summary": "Reserved"}


def test_the_same_calendar_again_changes_nothing(owl, administrator):
    later = event("c@airbnb.com", date(2027, 2, 1), date(2027, 2, 3))
    apply_plan(upload(administrator, STAY, later), actor=administrator)
    assert outcomes(upload(administrator, STAY, later)) == [(1, "unchanged"), (2, "unchanged")]


def test_a_stay_without_a_guest_is_the_booking_of_its_days(owl, administrator):
    Booking.objects.create(
        property=owl,
        check_in=owl.check_in_at(date(2026, 12, 18)),
        check_out=owl.check_out_at(date(2026, 12, 21)),
        guest_name="Ada Fenwick",
        source="Airbnb",
        nights=3,
    )
    stay = event("a@airbnb.com", date(2026, 12, 18), date(2026, 12, 21))
    overlap = event("b@airbnb.com", date(2026, 12, 20), date(2026, 12, 23))
    assert outcomes(upload(administrator, stay, overlap)) == [(1, "unchanged"), (2, "conflict")]


def test_days_that_moved_are_for_a_person(owl, administrator):
    apply_plan(upload(administrator, STAY), actor=administrator)
    moved = event("a@airbnb.com", date(2026, 12, 19), date(2026, 12, 21), code="HMABCD1234")
    found = upload(administrator, moved).rows.get()
    assert (found.outcome, set(found.changes)) == ("conflict", {"start_date"})
    assert "column C (DTSTART)" in found.reason


def test_the_house_is_what_the_calendar_or_else_the_file_is_called(owl, administrator):
    assert outcomes(upload(administrator, STAY, name="", file_name="owl point.ICS"))[0][1] == (
        "created"
    )
    plan = upload(administrator, STAY, name="The Owl")
    map_label(plan.labels.get(), owl, actor=administrator)
    assert outcomes(plan) == [(1, "created")]


def test_a_template_says_whose_calendar_it_is(crane, administrator):
    template = BookingImportTemplate.objects.create(name="Crane", property=crane, file_type="ical")
    plan = upload(administrator, STAY, name="Anything", template=template)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().property == crane


def test_what_is_no_calendar_fails_and_says_so(owl, administrator):
    plan = create_plan(ContentFile(b"Dear all,\n", name="letter.ics"), actor=administrator)
    assert (plan.status, plan.error_code) == ("failed", "damaged")
    with pytest.raises(ValidationError):
        create_plan(ContentFile(b"\x00\x01", name="binary.ics"), actor=administrator)
