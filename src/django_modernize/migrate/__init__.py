"""Migration operations that bring a legacy schema and its data over, and back."""

from .batches import BatchOperation
from .history_to_events import HistoryToEvents

__all__ = ["BatchOperation", "HistoryToEvents"]
