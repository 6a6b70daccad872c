"""A shared calendar tells which days are taken, and of no guest."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from icalendar import Calendar

from api.models import Booking, CalendarShare
from api.models.auth import Role
from api.services.calendars import (
    share_calendar,
)
from django_modernize.audit import AuditEvent

pytestmark = pytest.mark.django_db

FIRST = date.today() + timedelta(days=40)


def test_a_shared_calendar_tells_the_days_and_not_the_guest(client, owl, administrator):
    Booking.objects.create(
        property=owl,
        guest_name="Ada Fenwick",
        guest_contact="+1 555 0100",
        check_in=owl.check_in_at(FIRST),
        check_out=owl.check_out_at(FIRST + timedelta(days=3)),
    )
    _share, token = share_calendar(owl, "Airbnb", actor=administrator)
    answer = client.get(reverse("shared_calendar", args=[token]))
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert b"Ada" not in answer.content and b"555" not in answer.content
    event = next(iter(Calendar.from_ical(answer.content).walk("VEVENT")))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (FIRST, FIRST + timedelta(days=3))
    assert CalendarShare.objects.get().read_at is not None


def test_a_wrong_or_deleted_token_is_as_good_as_none(client, owl, administrator):
    share, token = share_calendar(owl, "Airbnb", actor=administrator)
    assert client.get(reverse("shared_calendar", args=["x" * 43])).status_code == 404
    share.delete()
    assert client.get(reverse("shared_calendar", args=[token])).status_code == 404


def test_a_token_is_stored_as_its_digest_alone(owl, administrator):
    share, token = share_calendar(owl, "Airbnb", actor=administrator)
    assert token not in str(CalendarShare.objects.values().get())
    changes = str([event.changes for event in AuditEvent.objects.for_object(share)])
    assert share.token_digest not in changes


def test_only_who_may_share_calendars_does(owl, make_person):
    with pytest.raises(PermissionDenied):
        share_calendar(owl, "Airbnb", actor=make_person(Role.STAFF))


def test_statements_of_a_calendar_do_not_depend_on_its_stays(
    client, owl, administrator, django_assert_max_num_queries
):
    _share, token = share_calendar(owl, "Airbnb", actor=administrator)
    for number in range(12):
        start = FIRST + timedelta(days=4 * number)
        Booking.objects.create(
            property=owl,
            guest_name="A",
            check_in=owl.check_in_at(start),
            check_out=owl.check_out_at(start + timedelta(days=2)),
        )
    with django_assert_max_num_queries(4):
        client.get(reverse("shared_calendar", args=[token]))
