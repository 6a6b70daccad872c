"""Calendars come in from public addresses alone, and go out without a guest's name."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DataError, IntegrityError, transaction
from django.urls import reverse

from api.models import Booking, CalendarEvent, CalendarFeed
from api.models.auth import Role
from api.services.calendars import (
    CalendarFetcher,
    CalendarUnreachable,
    sync_feed,
)
from api.services.calendars.fetching import FetchedCalendar
from django_modernize.audit import AuditEvent
from tests.example.calendar_feeds import FIRST, Given, sync, write_event, write_feed

pytestmark = pytest.mark.django_db


def test_an_event_makes_a_booking_once(feed, owl):
    assert sync(feed, write_event("a@x")).created == 1
    assert sync(feed, write_event("a@x")).created == 0
    booking = Booking.objects.get()
    assert (booking.property, booking.nights, booking.source) == (owl, 3, "Airbnb")
    assert booking.check_in == owl.check_in_at(FIRST)
    assert AuditEvent.objects.for_object(booking).get().source == "ical"


def test_an_event_is_known_by_its_name_and_its_booking_moves_with_it(feed, owl):
    sync(feed, write_event("a@x"))
    assert sync(feed, write_event("a@x", start=FIRST + timedelta(days=2))).moved == 1
    assert Booking.objects.get().check_in == owl.check_in_at(FIRST + timedelta(days=2))


def test_an_event_without_a_known_name_is_matched_by_its_days(feed, owl):
    booking = Booking.objects.create(
        property=owl,
        guest_name="Ada",
        check_in=owl.check_in_at(FIRST),
        check_out=owl.check_out_at(FIRST + timedelta(days=3)),
    )
    assert sync(feed, write_event("a@x")).created == 0
    assert CalendarEvent.objects.get().booking == booking
    sync(feed, write_event("b@x", start=FIRST + timedelta(days=9)))
    booking.refresh_from_db()
    assert booking.status == "booked"


def test_what_vanished_is_cancelled_where_the_feed_says_so(feed):
    later = write_event("b@x", start=FIRST + timedelta(days=9))
    sync(feed, write_event("a@x"), later)
    assert sync(feed, later).cancelled == 1
    assert Booking.objects.get(check_in__lt=datetime.now(UTC) + timedelta(days=43)).status == (
        "cancelled"
    )


def test_what_vanished_is_left_to_a_person_otherwise(feed):
    CalendarFeed.objects.update(cancels_vanished=False)
    feed.refresh_from_db()
    later = write_event("b@x", start=FIRST + timedelta(days=9))
    sync(feed, write_event("a@x"), later)
    report = sync(feed, later)
    assert report.cancelled == 0
    assert "no longer in the calendar" in report.problems[0]


def test_an_empty_calendar_cancels_nothing(feed):
    sync(feed, write_event("a@x"))
    with pytest.raises(CalendarUnreachable) as raised:
        sync(feed)
    assert raised.value.code == "empty"
    feed.refresh_from_db()
    assert (feed.error_code, Booking.objects.get().status) == ("empty", "confirmed")


def test_a_booking_that_a_person_moved_stays_where_it_is(feed, owl):
    sync(feed, write_event("a@x"))
    Booking.objects.update(check_out=owl.check_out_at(FIRST + timedelta(days=5)))
    report = sync(feed, write_event("a@x", start=FIRST + timedelta(days=1)))
    assert report.moved == 0
    assert CalendarEvent.objects.get().problem_code == "differs"


def test_an_event_in_the_way_of_a_booking_is_told_and_not_made(feed, owl):
    Booking.objects.create(
        property=owl,
        guest_name="Ada",
        check_in=owl.check_in_at(FIRST + timedelta(days=1)),
        check_out=owl.check_out_at(FIRST + timedelta(days=9)),
    )
    assert sync(feed, write_event("a@x")).created == 0
    assert CalendarEvent.objects.get().problem_code == "overlap"


def test_a_calendar_that_the_server_calls_unchanged_changes_nothing(feed):
    sync(feed, write_event("a@x"))
    CalendarFeed.objects.update(etag='"1"', error_code="status", error="The server answers 500.")
    feed.refresh_from_db()
    assert sync_feed(feed, fetcher=Given(None)).is_unchanged
    feed.refresh_from_db()
    assert (feed.etag, feed.error_code) == ('"1"', "")
    assert Booking.objects.get().status == "confirmed"


def test_an_event_that_is_past_makes_no_booking(feed):
    long_ago = date.today() - timedelta(days=30)
    assert sync(feed, write_event("a@x", start=long_ago)).created == 0
    assert not Booking.objects.exists()


def test_a_booking_that_was_cancelled_with_its_event_comes_back_with_it(feed):
    event, later = write_event("a@x"), write_event("b@x", start=FIRST + timedelta(days=9))
    sync(feed, event, later)
    sync(feed, later)
    sync(feed, event, later)
    assert set(Booking.objects.values_list("status", flat=True)) == {"confirmed"}


def test_a_booking_does_not_move_over_another(feed, owl):
    sync(feed, write_event("a@x"))
    Booking.objects.create(
        property=owl,
        guest_name="Ada",
        check_in=owl.check_in_at(FIRST + timedelta(days=5)),
        check_out=owl.check_out_at(FIRST + timedelta(days=9)),
    )
    report = sync(feed, write_event("a@x", start=FIRST + timedelta(days=4)))
    assert (report.moved, CalendarEvent.objects.get().problem_code) == (0, "overlap")
    assert Booking.objects.get(source="Airbnb").check_in == owl.check_in_at(FIRST)


def test_an_event_does_not_land_where_another_has_just_moved(feed):
    sync(feed, write_event("a@x"))
    moved = write_event("a@x", start=FIRST + timedelta(days=10))
    report = sync(feed, moved, write_event("b@x", start=FIRST + timedelta(days=11)))
    assert (report.moved, report.created) == (1, 0)
    assert CalendarEvent.objects.get(uid="b@x").problem_code == "overlap"


def test_an_event_that_made_no_booking_vanishes_without_a_word(feed):
    sync(feed, write_event("a@x"), write_event("b@x", start=FIRST + timedelta(days=1)))
    report = sync(feed, write_event("a@x"))
    assert (report.cancelled, report.problems) == (0, [])
    assert CalendarEvent.objects.get(uid="b@x").is_gone


@pytest.mark.parametrize("summary", ["Airbnb (Not available)", "Blocked"])
def test_closed_days_and_our_own_events_are_no_bookings(feed, summary):
    sync(feed, write_event("a@x", summary=summary), write_event("7@aristay", nights=2))
    assert not Booking.objects.exists()


@pytest.mark.parametrize("content", [b"", b"<html>", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_what_is_no_calendar_is_refused(feed, content):
    try:
        report = sync_feed(feed, fetcher=Given(content))
    except CalendarUnreachable:
        return
    assert report.created == 0


def test_only_who_may_change_feeds_reads_them_by_hand(feed, make_person):
    with pytest.raises(PermissionDenied):
        sync_feed(feed, actor=make_person(Role.STAFF), fetcher=Given(write_feed()))
    manager = make_person(Role.MANAGER)
    assert sync_feed(feed, actor=manager, fetcher=Given(write_feed(write_event("a")))).created == 1


def test_the_command_goes_on_where_one_calendar_cannot_be_had(feed, owl, monkeypatch, capsys):
    CalendarFeed.objects.create(property=owl, name="Vrbo", url="https://example.com/b.ics")

    def fetch(self, url, *, etag=""):
        if url.endswith("a.ics"):
            raise CalendarUnreachable("status", "The server answers with 500.")
        return FetchedCalendar(content=write_feed(write_event("a@x")))

    monkeypatch.setattr(CalendarFetcher, "fetch", fetch)
    call_command("fetch_calendars")
    told = capsys.readouterr()
    assert "answers with 500" in told.err
    assert "1 new" in told.out


def test_the_command_goes_on_where_one_calendar_breaks_what_reads_it(
    feed, owl, monkeypatch, capsys, caplog
):
    CalendarFeed.objects.create(property=owl, name="Vrbo", url="https://example.com/b.ics")

    def fetch(self, url, *, etag=""):
        if url.endswith("a.ics"):
            raise DataError("a value that no column takes")
        return FetchedCalendar(content=write_feed(write_event("a@x")))

    monkeypatch.setattr(CalendarFetcher, "fetch", fetch)
    call_command("fetch_calendars")
    assert "1 new" in capsys.readouterr().out
    assert "Owl Point · Airbnb failed" in caplog.text


def test_what_no_column_takes_is_no_part_of_an_events_name(feed):
    assert sync(feed, write_event("a\x00@x")).created == 1
    assert CalendarEvent.objects.get().uid == "a@x"


def test_the_command_reads_the_feeds_that_are_named_and_says_what_is_wrong(
    feed, owl, monkeypatch, capsys
):
    CalendarFeed.objects.create(property=owl, name="Vrbo", url="https://example.com/b.ics")
    events = [write_event("a@x"), write_event("b@x", start=FIRST + timedelta(days=1))]
    given = [Given(write_feed(*events)), Given(None)]
    monkeypatch.setattr(
        CalendarFetcher, "fetch", lambda self, url, *, etag="": given.pop(0).fetch(url)
    )
    call_command("fetch_calendars", feed=[feed.pk])
    call_command("fetch_calendars", feed=[feed.pk])
    told = capsys.readouterr().out
    assert "1 new" in told
    assert "overlaps the booking" in told
    assert "unchanged" in told
    assert "Vrbo" not in told


def test_the_admin_reads_the_chosen_calendars_and_says_what_each_brought(
    client, feed, owl, boss, monkeypatch
):
    other = CalendarFeed.objects.create(property=owl, name="Vrbo", url="https://example.com/b.ics")

    def fetch(self, url, *, etag=""):
        if url == other.url:
            raise CalendarUnreachable("status", "The server answers with 500.")
        return FetchedCalendar(content=write_feed(write_event("a@x")))

    monkeypatch.setattr(CalendarFetcher, "fetch", fetch)
    data = {"action": "fetch_now", "_selected_action": [feed.pk, other.pk]}
    page = client.post(reverse("admin:api_calendarfeed_changelist"), data, follow=True)
    told = page.content.decode()
    assert "1 new, 0 moved, 0 cancelled." in told
    assert "The server answers with 500." in told


def read_form(page):
    """Return what a page of the admin would send, as it is."""
    forms = [page.context["adminform"].form, *page.context["inline_admin_formsets"]]
    forms[1:] = [one.formset.management_form for one in forms[1:]]
    shown = {one.html_name: one.value() for form in forms for one in form}
    return {name: value for name, value in shown.items() if value not in (None, False)}


def test_the_admin_never_shows_the_address_of_a_feed_and_keeps_it_where_none_is_given(
    client, feed, make_staff
):
    client.force_login(make_staff("view_calendarfeed", "change_calendarfeed"))
    where = reverse("admin:api_calendarfeed_change", args=[feed.pk])
    page = client.get(where)
    assert "example.com" not in page.content.decode()
    data = read_form(page)
    for given, stored in [("", feed.url), ("https://new.example.com/b.ics",) * 2]:
        answer = client.post(where, data | {"name": "Ours", "url": given})
        assert answer.status_code == 302, answer.context["errors"]
        feed.refresh_from_db()
        assert (feed.name, feed.url) == ("Ours", stored)


def test_the_admin_shows_no_address_where_a_feed_may_only_be_looked_at(
    client, feed, make_staff, administrator
):
    client.force_login(make_staff("view_calendarfeed"))
    page = client.get(reverse("admin:api_calendarfeed_change", args=[feed.pk]))
    assert page.status_code == 200
    assert "example.com" not in page.content.decode()
    client.force_login(administrator)
    feed.delete()
    page = client.get(reverse("admin:api_calendarfeed_change", args=[feed.pk]))
    assert page.status_code == 200
    assert "example.com" not in page.content.decode()


def test_the_database_refuses_an_address_without_https(owl):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.create(property=owl, name="x", url="http://example.com/a.ics")


def test_the_address_of_a_feed_is_not_in_the_trail(feed):
    event = AuditEvent.objects.for_object(feed).first()
    assert "example.com" not in str(event.changes)
