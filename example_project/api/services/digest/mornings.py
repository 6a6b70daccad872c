"""In which time zones it is morning, and on which day."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["MORNING", "NOON", "find_day", "find_mornings"]

DAY: Final = timedelta(days=1)
MORNING: Final = time(7)
NOON: Final = time(12)
"""When it is no longer morning: what was not sent by then, as nobody was at work, is left out."""


def find_mornings(zones: Iterable[str], now: datetime) -> dict[str, date]:
    """Return the current day of each zone in which it is morning.

    >>> from datetime import UTC
    >>> find_mornings(["Europe/Berlin", "America/New_York"], datetime(2026, 12, 1, 7, tzinfo=UTC))
    {'Europe/Berlin': datetime.date(2026, 12, 1)}

    Args:
        zones: Names of time zones.
        now: The instant.
    """
    clocks = {zone: now.astimezone(ZoneInfo(zone)) for zone in zones}
    return {zone: clock.date() for zone, clock in clocks.items() if MORNING <= clock.time() < NOON}


def find_day(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a day begins and ends in a zone."""
    begin, end = (datetime.combine(one, time(0), ZoneInfo(zone)) for one in (day, day + DAY))
    return begin, end
