"""Triggers of soft delete: no living child under a deleted parent, no deletion behind its back."""

from .deletions import DeletionGuards, guards_deletion
from .parents import ParentGuards

__all__ = ["DeletionGuards", "ParentGuards", "guards_deletion"]
