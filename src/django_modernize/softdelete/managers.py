"""Managers that show the living, the deleted, or all rows."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from ..managers import ModernizeManager
from .querysets import SoftDeleteQuerySet

__all__ = ["DeletedManager", "EverythingManager", "SoftDeleteManager"]

ModelT = TypeVar("ModelT", bound=Model, covariant=True)

EverythingManager = ModernizeManager.from_queryset(SoftDeleteQuerySet, "EverythingManager")
"""Shows all rows, deleted or not."""


class SoftDeleteManager(EverythingManager[ModelT]):
    """Shows the living rows. With a queryset of your own: ``.from_queryset(MyQuerySet)()``."""

    def get_queryset(self) -> "QuerySet[Any]":
        """Return the living rows."""
        return super().get_queryset().filter(deleted_at__isnull=True)


class DeletedManager(EverythingManager[ModelT]):
    """Shows the deleted rows."""

    def get_queryset(self) -> "QuerySet[Any]":
        """Return the deleted rows."""
        return super().get_queryset().filter(deleted_at__isnull=False)
