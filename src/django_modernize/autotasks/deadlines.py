"""When the task of a rule is due, and whether there should be one at that time."""

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

__all__ = ["Deadlines"]

Due = tuple[datetime.datetime | None, Cause]


@dataclass(frozen=True)
class Deadlines:
    """The due times of one rule; subjects that begin at the same instant share theirs."""

    rule: Rule
    rows: SubjectRows
    now: datetime.datetime
    found: dict[Any, Due] = field(default_factory=dict)

    @cached_property
    def anchor(self) -> str:
        """The path of what due times are counted from."""
        return self.rows.subject.anchors[self.rule.template.anchor]

    @cached_property
    def _place(self) -> int:
        return self.rows.columns.places[self.anchor]

    def find_due(self, row: Row, *, is_new: bool = True) -> Due:
        """Return when a task is due, and whether there should be one at that time.

        Args:
            row: The subject.
            is_new: Whether the task would be made now, so that the past and the horizon count.
        """
        zone = self.rows.find_zone(row)
        key = row[self._place], zone, is_new
        if key not in self.found:
            anchor = self.rows.find_value(row, self.anchor)
            self.found[key] = self._judge(anchor, zone, is_new=is_new)
        return self.found[key]

    def _judge(self, anchor: Any, zone: ZoneInfo, *, is_new: bool) -> Due:
        template = self.rule.template
        if anchor is None:
            return None, Cause.NO_ANCHOR
        due_at = self.rule.timing.find_due(anchor, zone)
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
