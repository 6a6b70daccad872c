"""Migration operations that bring a legacy schema and its data over, and back."""

from .batches import BatchOperation
from .history_to_events import HistoryToEvents
from .marks_to_soft_delete import BooleanToSoftDelete, TimestampToSoftDelete

__all__ = [
    "BatchOperation",
    "BooleanToSoftDelete",
    "HistoryToEvents",
    "TimestampToSoftDelete",
]
