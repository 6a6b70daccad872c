"""Calendars of other sites, as their events are written and their feeds are read."""

from datetime import date, timedelta

from api.services.calendars import sync_feed
from api.services.calendars.fetching import FetchedCalendar

FIRST = date.today() + timedelta(days=40)


def write_event(uid, start=FIRST, nights=3, summary="Reserved", extra=""):
    end = start + timedelta(days=nights)
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{summary}\r\n"
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}\r\nDTEND;VALUE=DATE:{end:%Y%m%d}\r\n{extra}END:VEVENT\r\n"
    )


def write_feed(*events):
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


class Given:
    """Stands in for the fetcher: gives what it was given."""

    def __init__(self, content, etag=""):
        self.content, self.etag = content, etag

    def fetch(self, url, *, etag=""):
        return FetchedCalendar(content=self.content, etag=self.etag)


def sync(feed, *events):
    return sync_feed(feed, fetcher=Given(write_feed(*events)))
