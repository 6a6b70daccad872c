"""Calendars of other systems, synced into bookings, and published calendars of AriStay."""

from .fetching import CalendarFetcher, CalendarUnreachable
from .publishing import find_share, find_token, share_calendar, write_calendar
from .syncing import FeedReport, sync_feed

__all__ = [
    "CalendarFetcher",
    "CalendarUnreachable",
    "FeedReport",
    "find_share",
    "find_token",
    "share_calendar",
    "sync_feed",
    "write_calendar",
]
