"""The due time of a task: an offset from an anchor, in the subject's time zone."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

__all__ = ["Timing", "Unit", "find_zone"]


class Unit(StrEnum):
    """The unit of an offset."""

    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """An offset from an anchor."""

    offset: int
    """Negative before the anchor."""

    unit: Unit

    local_time: datetime.time | None
    """The time of day in the subject's time zone, or ``None`` for the anchor's time."""

    def find_due(
        self, anchor: datetime.date | datetime.datetime, zone: ZoneInfo
    ) -> datetime.datetime:
        """Return the instant at which a task is due.

        Days are calendar days in the time zone, so nine o'clock remains nine o'clock when the
        clocks change. Hours are elapsed hours. A local time that does not exist because clocks go
        forward is moved by the same amount. If a local time occurs twice, the first one is used.
        """
        local = _find_local(anchor, zone)
        if self.unit is Unit.HOURS:
            moved = local.astimezone(datetime.UTC) + datetime.timedelta(hours=self.offset)
            local = moved.astimezone(zone)
        else:
            # Add wall clock time, and choose the earlier of two equal times.
            local = (local + datetime.timedelta(days=self.offset)).replace(fold=0)
        if self.local_time is not None:
            local = datetime.datetime.combine(local.date(), self.local_time, zone)
        return local.astimezone(datetime.UTC)


def _find_local(anchor: datetime.date | datetime.datetime, zone: ZoneInfo) -> datetime.datetime:
    if isinstance(anchor, datetime.datetime):
        return anchor.astimezone(zone)
    return datetime.datetime.combine(anchor, datetime.time(), zone)


@cache
def find_zone(name: str | None) -> ZoneInfo:
    """Return a time zone by name, or that of the project if the name is empty or unknown.

    A subject whose time zone is misspelled still gets its tasks, although some hours off.
    """
    try:
        return ZoneInfo(name or "")
    except (ValueError, ZoneInfoNotFoundError, IsADirectoryError):
        return ZoneInfo(timezone.get_default_timezone_name())
