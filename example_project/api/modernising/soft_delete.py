"""The marks of deleted rows on the legacy system's tables."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db import migrations, models

from .ledger import Ledger

__all__ = ["DELETABLE", "RecycleBinFull", "add_marks", "do_nothing", "list_marks", "refuse_deleted"]

DELETABLE: Final = (
    "Property",
    "PropertyOwnership",
    "Booking",
    "Task",
    "TaskImage",
    "Notification",
    "ChecklistTemplate",
    "InventoryItem",
    "PropertyInventory",
    "ScheduleTemplate",
    "BookingImportTemplate",
)


class RecycleBinFull(Exception):
    """Rows are in the recycle bin, which the legacy system would show as living."""


def list_marks() -> dict[str, Any]:
    """Return the fields of ``SoftDeleteMixin``."""
    return {
        "deleted_at": models.DateTimeField(blank=True, editable=False, null=True),
        "deleted_by": models.ForeignKey(
            blank=True,
            editable=False,
            null=True,
            on_delete=models.SET_NULL,
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
        "deletion_reason": models.TextField(blank=True, default="", editable=False),
        "deletion_id": models.UUIDField(blank=True, db_index=True, editable=False, null=True),
    }


def add_marks(model_name: str) -> Iterator[migrations.AddField]:
    """Yield what gives a model those fields."""
    for name, field in list_marks().items():
        yield migrations.AddField(model_name, name, field)


def do_nothing(ledger: Ledger) -> None:
    """Leave the rows as they are: all are living."""


def refuse_deleted(ledger: Ledger) -> None:
    """Stop where a row is in the recycle bin.

    Raises:
        RecycleBinFull: There are such rows; the message says how many of which model.
    """
    counts = {
        name: ledger.rows(name).filter(deleted_at__isnull=False).count() for name in DELETABLE
    }
    full = ", ".join(f"{count} of {name}" for name, count in counts.items() if count)
    if full:
        raise RecycleBinFull(
            f"In the recycle bin are {full}. The legacy system has none and would show them as "
            "living: restore or purge them, then go back."
        )
