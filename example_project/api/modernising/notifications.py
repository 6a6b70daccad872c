"""Notifications: one about a matter while it is unread."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import F

from .ledger import Ledger, Repair

__all__ = ["leave_one_unread", "mend_verbs", "unread_again"]

VERBS: Final = frozenset(
    {
        "assigned",
        "unassigned",
        "status_changed",
        "due_changed",
        "title_changed",
        "description_changed",
        "created",
        "photo_added",
        "photo_deleted",
        "photo_approved",
        "photo_rejected",
        "attention",
        "low_stock",
    }
)


def mend_verbs(ledger: Ledger) -> None:
    """Spell verbs as today; one that is unknown asks for attention."""
    ledger.change(_mend_verbs(ledger))


def leave_one_unread(ledger: Ledger) -> None:
    """Say what each is about and when it was read, and take older ones about the same as read."""
    rows = ledger.rows("Notification")
    for batch in ledger.batches(rows):
        for row in batch:
            row.matter = f"task:{row.task_id}" if row.task_id else f"notification:{row.pk}"
            row.changed_at = row.created_at
            row.read_at = row.created_at if row.read else None
        rows.bulk_update(batch, ["matter", "changed_at", "read_at"])
    ledger.change(_read_older(ledger))


def unread_again(ledger: Ledger) -> None:
    """Take as read what was, or what was read since."""
    ledger.undo()
    rows = ledger.rows("Notification").order_by()
    rows.filter(read_at__isnull=False).update(read=True)
    rows.filter(read_at__isnull=True).update(read=False)


def _mend_verbs(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("Notification").exclude(verb__in=VERBS)):
        verb = "_".join(row.verb.lower().replace("_", " ").split())
        known = verb if verb in VERBS else "attention"
        yield Repair(row, {"verb": known}, f"{row.verb!r} is written otherwise, or not known.")


def _read_older(ledger: Ledger) -> Iterator[Repair]:
    seen: set[tuple[Any, ...]] = set()
    unread = ledger.rows("Notification").filter(read_at__isnull=True)
    for row in list(unread.order_by(F("created_at").desc(), "-pk")):
        matter = (row.recipient_id, row.matter, row.verb)
        if matter in seen:
            yield Repair(row, {"read_at": row.created_at}, "A newer one says the same.")
        seen.add(matter)
