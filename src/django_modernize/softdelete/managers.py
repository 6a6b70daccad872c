"""Managers that return the live rows, the deleted rows or all rows."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from ..managers import ModernizeManager
from .querysets import SoftDeleteQuerySet

__all__ = ["DeletedManager", "EverythingManager", "SoftDeleteManager"]

ModelT = TypeVar("ModelT", bound=Model, covariant=True)

EverythingManager = ModernizeManager.from_queryset(SoftDeleteQuerySet, "EverythingManager")
"""A manager that returns all rows, deleted or not."""


class SoftDeleteManager(EverythingManager[ModelT]):
    """A manager of the live rows. For your own queryset, use ``from_queryset(MyQuerySet)()``."""

    def get_queryset(self) -> "QuerySet[Any]":
        """Return the live rows."""
        return super().get_queryset().filter(deleted_at__isnull=True)


class DeletedManager(EverythingManager[ModelT]):
    """A manager of the deleted rows."""

    def get_queryset(self) -> "QuerySet[Any]":
        """Return the deleted rows."""
        return super().get_queryset().filter(deleted_at__isnull=False)
