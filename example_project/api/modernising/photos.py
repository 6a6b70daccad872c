"""What is known of the photos that are there."""

from pathlib import PurePosixPath

from django_modernize.audit.pausing import untracked

from .ledger import Ledger

__all__ = ["describe_photos", "leave_photos"]


def describe_photos(ledger: Ledger) -> None:
    """Approve every photo, since all were shown, and note the name that its path ends in."""
    with untracked("New columns are filled with what is known of each photo.", using=ledger.using):
        ledger.rows("TaskImage").order_by().update(status="approved")
        for batch in ledger.batches(ledger.rows("TaskImage")):
            for row in batch:
                row.original_name = PurePosixPath(row.image.name).name
            ledger.rows("TaskImage").bulk_update(batch, ["original_name"])


def leave_photos(ledger: Ledger) -> None:
    """Leave what was noted: those columns are about to go."""
