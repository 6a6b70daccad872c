"""A notification before it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Notice", "merge_notices"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A notification of one person about one matter."""

    recipient_id: int
    verb: str
    matter: str
    """As ``task:12``."""
    actor_id: int | None = None
    task_id: int | None = None
    property_id: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Field to old and new value; no text that a guest's contact could stand in."""
    count: int = 1
    """How often it happened."""

    @property
    def key(self) -> tuple[int, str, str]:
        """The key that is unique among unread notifications."""
        return self.recipient_id, self.matter, self.verb

    def to_row(self) -> dict[str, Any]:
        """Return the columns of its row."""
        return {
            "recipient_id": self.recipient_id,
            "verb": str(self.verb),
            "matter": self.matter,
            "actor_id": self.actor_id,
            "task_id": self.task_id,
            "property_id": self.property_id,
            "changes": dict(self.changes),
            "count": self.count,
        }


def merge_notices(notices: Iterable[Notice]) -> list[Notice]:
    """Merge notifications with the same key; the result counts them and has the last text.

    They are sorted by key.
    """
    last: dict[tuple[int, str, str], Notice] = {}
    counts: dict[tuple[int, str, str], int] = {}
    for notice in notices:
        last[notice.key] = notice
        counts[notice.key] = counts.get(notice.key, 0) + notice.count
    return [
        Notice(**{**notice.to_row(), "count": counts[key]}) for key, notice in sorted(last.items())
    ]
