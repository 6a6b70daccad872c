"""What every write to a task does: checks, timestamps, and locks of fields that a person sets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Expression, F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from django_modernize.context import ChangeSource, get_context

from .completion import refuse_incomplete
from .flows import FlowQuerySet
from .task_choices import TaskStatus

__all__ = ["LOCKABLE_FIELDS", "TaskQuerySet", "is_by_person", "merge_locks", "stamp_status"]

LOCKABLE_FIELDS: Final = frozenset(
    {"title", "description", "task_type", "status", "due_date", "assigned_to"}
)
"""What automation leaves as it is once a person has set it."""


def is_by_person() -> bool:
    """Return whether a person is writing now, by hand or through the API.

    Rules, schedules and imports write with another source, or without an actor. The rules
    engine, which also runs within a person's request, writes through the base manager.
    """
    context = get_context()
    by_hand = context.source in (ChangeSource.MANUAL, ChangeSource.API)
    return by_hand and context.actor_id is not None


def merge_locks(locked: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the locked fields after a person has set some more."""
    return sorted({*locked, *(LOCKABLE_FIELDS & set(names))})


def stamp_status(status: str, started_at: Any, now: datetime) -> dict[str, Any]:
    """Return the timestamps that belong to a status.

    Args:
        status: The status.
        started_at: When the task was started, if known.
        now: The time of the change. If the clock went back, no task ends before it began.
    """
    stamps: dict[str, Any] = {"completed_at": None}
    if status == TaskStatus.COMPLETED:
        stamps["completed_at"] = _find_later(started_at, now)
    if status == TaskStatus.IN_PROGRESS:
        stamps["started_at"] = started_at or now
    return stamps


def _find_later(moment: Any, now: datetime) -> Any:
    if isinstance(moment, Expression):
        return Greatest(moment, Value(now))
    return max(moment or now, now)


class TaskQuerySet(FlowQuerySet):
    """Applies the rules of ``save()`` when many tasks are written at once."""

    def judge_update(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values with the timestamps of a status; lock what a person sets."""
        values = super().judge_update(values)
        status = values.get("status")
        if isinstance(status, Value):
            status = status.value
        if status == TaskStatus.COMPLETED:
            unfinished = self.exclude(status=TaskStatus.COMPLETED)
            refuse_incomplete(list(unfinished.values_list("pk", flat=True)))
        if status is not None:
            begun = Coalesce(F("started_at"), Value(timezone.now()))
            values = {**stamp_status(status, begun, timezone.now()), **values}
        if is_by_person() and "locked_fields" not in values:
            self._lock_fields(values)
        return values

    def judge_rows(self, rows: list[Any], names: list[str]) -> list[str]:
        """Return the fields with the timestamps of a status and the locks of a person."""
        names = super().judge_rows(rows, names)
        added: set[str] = set()
        if "status" in names:
            done = [row.pk for row in rows if row.writes_field("status", None)]
            refuse_incomplete(
                [row.pk for row in rows if row.status == TaskStatus.COMPLETED and row.pk in done]
            )
            for row in rows:
                if row.pk in done:
                    row.stamp_change()
            added |= {"completed_at", "started_at"}
        if is_by_person() and LOCKABLE_FIELDS & set(names):
            for row in rows:
                row.lock_changes(names)
            added.add("locked_fields")
        return [*names, *sorted(added - set(names))]

    def _lock_fields(self, values: dict[str, Any]) -> None:
        """Lock fields row by row, since each has its own list; costs a query plus one per list."""
        if not LOCKABLE_FIELDS & set(values):
            return
        groups: dict[tuple[str, ...], list[int]] = {}
        for key, locked in self.order_by().values_list("pk", "locked_fields"):
            merged = merge_locks(locked, values)
            if merged != locked:
                groups.setdefault(tuple(merged), []).append(key)
        for names, keys in groups.items():
            rows = self.model._base_manager.using(self.db).filter(pk__in=keys)
            rows.update(locked_fields=list(names))
