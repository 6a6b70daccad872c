"""When a task is due: so long before or after an anchor, by the subject's clock."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

__all__ = ["Timing", "Unit", "find_zone"]


class Unit(StrEnum):
    """What an offset is counted in."""

    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """So long before or after an anchor."""

    offset: int
    """Negative before the anchor."""

    unit: Unit

    local_time: datetime.time | None
    """The time of day by the subject's clock; ``None`` keeps the anchor's."""

    def find_due(
        self, anchor: datetime.date | datetime.datetime, zone: ZoneInfo
    ) -> datetime.datetime:
        """Return the instant at which a task is due.

        Days are counted on the calendar of the zone, so that nine o'clock stays nine o'clock when
        the clocks change; hours are hours that pass. A local time that does not exist on the day
        on which clocks go forward is as much later as they go; of one that comes twice it is the
        first.
        """
        local = _find_local(anchor, zone)
        if self.unit is Unit.HOURS:
            moved = local.astimezone(datetime.UTC) + datetime.timedelta(hours=self.offset)
            local = moved.astimezone(zone)
        else:
            # The sum is one of wall clocks, so the earlier of two equal times is meant.
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
    """Return a time zone by its name; the project's if the name is empty or known to nobody.

    A house whose zone is mistyped still gets its tasks, some hours off.
    """
    try:
        return ZoneInfo(name or "")
    except (ValueError, ZoneInfoNotFoundError, IsADirectoryError):
        return ZoneInfo(timezone.get_default_timezone_name())
