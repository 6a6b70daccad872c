"""Compute when the task of a rule is due, and whether there should be one at that time."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from .models import Trigger
from .rows import Row, SubjectRows
from .rules import Rule
from .steps import Cause
from .windows import Window

__all__ = ["Deadlines"]

Due = tuple[datetime.datetime | None, Cause]


@dataclass(frozen=True)
class Deadlines:
    """The due times of a rule, cached for subjects that start at the same instant."""

    rule: Rule
    rows: SubjectRows
    now: datetime.datetime
    found: dict[Any, Due] = field(default_factory=dict)

    @cached_property
    def anchor(self) -> str:
        """The path of the value from which due times are counted."""
        return self.rows.subject.anchors[self.rule.template.anchor]

    @cached_property
    def _place(self) -> int:
        return self.rows.columns.places[self.anchor]

    def find_due(self, row: Row, *, is_new: bool = True) -> Due:
        """Return when a task is due, and whether there should be one at that time.

        Args:
            row: The subject.
            is_new: Whether the task would be created now, so that past and horizon are checked.
        """
        try:
            return self._find_due(row, is_new)
        except OverflowError:
            # Its day is so near an end of the calendar that none is so long before or after it.
            return None, Cause.NO_ANCHOR

    def _find_due(self, row: Row, is_new: bool) -> Due:
        zone = self.rows.find_zone(row)
        if self.rule.leeway is not None:
            anchor = self.rows.find_value(row, self.anchor)
            return self._judge(anchor, zone, self.find_window(row), is_new=is_new)
        key = row[self._place], zone, is_new
        if key not in self.found:
            anchor = self.rows.find_value(row, self.anchor)
            self.found[key] = self._judge(anchor, zone, None, is_new=is_new)
        return self.found[key]

    def find_window(self, row: Row) -> Window | None:
        """Return the window in which a task may be done, or ``None`` if the rule has none."""
        leeway, rows = self.rule.leeway, self.rows
        anchor = None if leeway is None else rows.find_value(row, self.anchor)
        if leeway is None or anchor is None:
            return None
        zone = rows.find_zone(row)
        opens, closes = (
            None if one is None else rows.find_value(row, one.query_name)
            for one in (leeway.not_before, leeway.not_after)
        )
        return leeway.find_window(self.rule.timing.find_due(anchor, zone), opens, closes, zone)

    def _judge(self, anchor: Any, zone: ZoneInfo, window: Window | None, *, is_new: bool) -> Due:
        template = self.rule.template
        if anchor is None:
            return None, Cause.NO_ANCHOR
        due_at = window.due_at if window else self.rule.timing.find_due(anchor, zone)
        if is_new and window and due_at < self.now <= window.latest:
            # The due time has passed, but there is still time in the window.
            due_at = window.latest
        day = anchor.astimezone(zone).date() if isinstance(anchor, datetime.datetime) else anchor
        if (template.valid_from and day < template.valid_from) or (
            template.valid_until and day > template.valid_until
        ):
            return None, Cause.OUT_OF_SEASON
        if is_new and template.skip_past and due_at < self.now:
            return due_at, Cause.PAST
        if is_new and template.trigger == Trigger.BY_DATE:
            horizon = self.now + datetime.timedelta(days=template.horizon_days)
            if due_at > horizon:
                return due_at, Cause.TOO_EARLY
        return due_at, Cause.HOLDS
