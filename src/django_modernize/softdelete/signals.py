"""Signals sent for each row of a deletion and a restore."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.signals import ModelSignal

__all__ = ["post_restore", "post_soft_delete", "pre_restore", "pre_soft_delete"]

pre_soft_delete = ModelSignal(use_caching=True)
"""Sent with ``instance``, ``deletion_id`` and ``using`` before a row is marked."""

post_soft_delete = ModelSignal(use_caching=True)
"""Sent after all rows of the deletion are marked, in the same transaction."""

pre_restore = ModelSignal(use_caching=True)
"""Sent with ``instance``, ``deletion_id`` and ``using`` before a row is restored."""

post_restore = ModelSignal(use_caching=True)
"""Sent after all rows of the deletion are restored, in the same transaction."""


class Announcement:
    """Send a pair of signals for the rows that a statement changes.

    Rows are loaded only for models whose signals have receivers.
    """

    def __init__(self, before: ModelSignal, after: ModelSignal, *, using: str) -> None:
        self.before = before
        self.after = after
        self.using = using
        self.announced: list[tuple[Model, UUID]] = []

    def is_heard(self, model: type[Model]) -> bool:
        """Return whether either signal has receivers for a model."""
        return self.before.has_listeners(model) or self.after.has_listeners(model)

    def announce(self, rows: "QuerySet[Any]", deletion_id: UUID | None = None) -> None:
        """Send the first signal for each row.

        Args:
            rows: The rows, which are not loaded if there are no receivers.
            deletion_id: The id of the deletion, if it is not yet set on the rows.
        """
        if not self.is_heard(rows.model):
            return
        loaded: Sequence[Model] = list(rows)
        for row in loaded:
            concerned = deletion_id or row.deletion_id  # type: ignore[attr-defined]
            self.announced.append((row, concerned))
            self._send(self.before, row, concerned)

    def conclude(self, marks: dict[str, Any]) -> None:
        """Set the written values on the announced instances, and send the second signal."""
        for row, _ in self.announced:
            for name, value in marks.items():
                setattr(row, "deleted_by_id" if name == "deleted_by" else name, value)
        for row, deletion_id in self.announced:
            self._send(self.after, row, deletion_id)

    def _send(self, signal: ModelSignal, row: Model, deletion_id: UUID) -> None:
        signal.send(type(row), instance=row, deletion_id=deletion_id, using=self.using)
