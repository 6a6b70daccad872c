"""Reversible migration operations for legacy schemas and their data."""

from .add_constraint_safely import AddConstraintSafely
from .backfill_stamps import BackfillStamps
from .batches import BatchOperation
from .changesets_to_soft_delete import ChangeSetsToSoftDelete
from .history_to_events import HistoryToEvents
from .index_changes import IndexChanges
from .marks_to_soft_delete import BooleanToSoftDelete, TimestampToSoftDelete
from .unique_to_alive import UniqueToAlive

__all__ = [
    "AddConstraintSafely",
    "BackfillStamps",
    "BatchOperation",
    "BooleanToSoftDelete",
    "ChangeSetsToSoftDelete",
    "HistoryToEvents",
    "IndexChanges",
    "TimestampToSoftDelete",
    "UniqueToAlive",
]
