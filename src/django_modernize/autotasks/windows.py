"""The window in which a task may be done: so long before and after it is due, and within what."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .kinds import Kind

if TYPE_CHECKING:
    from .subjects import Subject, SubjectField

__all__ = ["Leeway", "Window", "list_bounds", "make_leeway"]

Moment = datetime.date | datetime.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """When a task is due, and from when until when it may be done."""

    due_at: datetime.datetime
    earliest: datetime.datetime
    latest: datetime.datetime

    def holds(self, instant: datetime.datetime | None) -> bool:
        """Return whether a task that is set to an instant may stay there."""
        return instant is not None and self.earliest <= instant <= self.latest


@dataclass(frozen=True, kw_only=True, slots=True)
class Leeway:
    """How far a task may be from when it is due."""

    days_earlier: int
    days_later: int

    not_before: SubjectField | None
    """What it is never done before."""

    not_after: SubjectField | None
    """What it is never done after."""

    def find_window(
        self,
        due_at: datetime.datetime,
        opens: Moment | None,
        closes: Moment | None,
        zone: ZoneInfo,
    ) -> Window:
        """Return the window of one task.

        Args:
            due_at: When it would be due without a window.
            opens: The value of ``not_before``, ``None`` where there is none, as where no guest
                was there before. A day begins when it does by the subject's clock.
            closes: The value of ``not_after``; a day is over when it is by the subject's clock.
            zone: The subject's time zone, by whose calendar days are counted.

        Returns:
            The window. What is due outside of it is due at its nearer end; where it would end
            before it begins, its end alone counts, since somebody is about to arrive.
        """
        earliest = _move(due_at, -self.days_earlier, zone)
        latest = _move(due_at, self.days_later, zone)
        if opens is not None:
            opening = _find_instant(opens, zone)
            # A task that is due too early is put off to where the window opens.
            earliest, latest = max(earliest, opening), max(latest, opening)
        if closes is not None:
            latest = min(latest, _find_instant(closes, zone, days=1))
        earliest = min(earliest, latest)
        return Window(due_at=min(max(due_at, earliest), latest), earliest=earliest, latest=latest)


def make_leeway(template: Any, subject: Subject) -> Leeway | None:
    """Return what a template says of windows, ``None`` if it says nothing."""
    bounds = template.not_before, template.not_after
    if not (template.days_earlier or template.days_later or any(bounds)):
        return None
    not_before, not_after = (subject.fields.get(name) for name in bounds)
    return Leeway(
        days_earlier=template.days_earlier,
        days_later=template.days_later,
        not_before=not_before,
        not_after=not_after,
    )


def list_bounds(subject: Subject) -> dict[str, SubjectField]:
    """Return by what a window may be bounded: the days and instants of a subject."""
    moments = (Kind.DATE, Kind.INSTANT)
    return {name: field for name, field in subject.fields.items() if field.kind in moments}


def _move(instant: datetime.datetime, days: int, zone: ZoneInfo) -> datetime.datetime:
    if not days:
        return instant
    local = instant.astimezone(zone) + datetime.timedelta(days=days)
    return local.replace(fold=0).astimezone(datetime.UTC)


def _find_instant(moment: Moment, zone: ZoneInfo, *, days: int = 0) -> datetime.datetime:
    """Return a moment as an instant; of a day its beginning, or that of one so many days later."""
    if isinstance(moment, datetime.datetime):
        return moment.astimezone(datetime.UTC)
    day = moment + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)
