"""Whatever a calendar tells of an event, its days are those of the house."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from api.services.calendars import reading
from api.services.calendars.fetching import CalendarUnreachable, resolve_name
from api.services.calendars.reading import read_events

HOUSE = ZoneInfo("America/New_York")
ARRIVAL, DEPARTURE = date(2026, 12, 18), date(2026, 12, 21)


def read(*events):
    parts = (f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(parts)}END:VCALENDAR\r\n"
    return read_events(text.encode(), HOUSE)


@pytest.mark.parametrize(
    "told",
    [
        "DTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:20261221",
        "DTSTART;VALUE=DATE:20261218\r\nDURATION:P3D",
        # Four in the afternoon in New York, and ten in the morning.
        "DTSTART:20261218T210000Z\r\nDTEND:20261221T150000Z",
        # In Europe the next day has begun.
        "DTSTART;TZID=Europe/Berlin:20261219T010000\r\nDTEND;TZID=Europe/Berlin:20261221T160000",
        # The hour of the house.
        "DTSTART:20261218T160000\r\nDTEND:20261221T100000",
        "DTSTART:20261218T160000\r\nDURATION:P2DT18H",
    ],
)
def test_arrival_and_departure_are_days_by_the_clock_of_the_house(told):
    [event] = read(f"UID:a@x\r\n{told}")
    assert (event.starts_on, event.ends_on) == (ARRIVAL, DEPARTURE)


def test_an_event_of_one_day_without_an_end_lasts_a_night():
    [event] = read("UID:a@x\r\nDTSTART;VALUE=DATE:20261218")
    assert event.ends_on == date(2026, 12, 19)


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:20261221",
        "UID:a@x",
        "UID:a@x\r\nSTATUS:cancelled\r\nDTSTART;VALUE=DATE:20261218",
        "UID:a@x\r\nDTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:20261218",
        "UID:a@x\r\nDTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:20261217",
        "UID:a@x\r\nDTSTART;VALUE=DATE:00010101\r\nDTEND;VALUE=DATE:00010104",
        "UID:a@x\r\nDTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:99991231",
        "UID:a@x\r\nDTSTART;VALUE=DATE:20261218\r\nDTEND;VALUE=DATE:21261218",
    ],
    ids=[
        *["no name", "no day", "cancelled", "no night", "ends before it begins"],
        *["ages ago", "without end", "a century"],
    ],
)
def test_what_is_no_stay_of_a_night_is_left_out(event):
    assert list(read(event)) == []


def test_a_name_that_comes_twice_counts_as_it_was_told_last():
    first = "UID:a@x\r\nSUMMARY:Ada\r\nDTSTART;VALUE=DATE:20261218"
    [event] = read(first, first.replace("Ada", "Ben"))
    assert event.summary == "Ben"


def test_a_calendar_of_more_events_than_a_house_has_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_EVENTS", 2)
    events = [f"UID:{number}@x\r\nDTSTART;VALUE=DATE:20261218" for number in range(3)]
    assert len(read(*events[:2])) == 2
    with pytest.raises(CalendarUnreachable) as refused:
        read(*events)
    assert refused.value.code == "too_many"


def test_a_host_is_resolved_to_its_addresses():
    assert set(resolve_name("localhost")) <= {"127.0.0.1", "::1"}
