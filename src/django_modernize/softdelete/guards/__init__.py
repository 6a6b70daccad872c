"""Triggers that prevent live children of deleted parents, and hard deletes of protected rows."""

from .deletions import DeletionGuards, guards_deletion
from .parents import ParentGuards

__all__ = ["DeletionGuards", "ParentGuards", "guards_deletion"]
