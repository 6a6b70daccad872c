"""Detect how a model marks deleted rows: with the library's mixin, or its own field."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import BooleanField, DateTimeField, Field, Model

from ..softdelete import SoftDeleteMixin

__all__ = ["find_mark", "hides_rows"]

FLAGS: Final = frozenset({"is_deleted", "deleted", "is_removed", "is_trashed", "soft_deleted"})
INSTANTS: Final = frozenset({"deleted_at", "deleted_on", "date_deleted", "removed_at", "deleted"})


def find_mark(model: type[Model]) -> Field[Any, Any] | None:
    """Return the field that marks a model's deleted rows, or ``None`` if it hard-deletes them."""
    for field in model._meta.concrete_fields:
        if isinstance(field, BooleanField) and field.name in FLAGS:
            return field
        if isinstance(field, DateTimeField) and field.name in INSTANTS:
            return field
    return None


def hides_rows(model: type[Model]) -> bool:
    """Return whether a model has any kind of soft delete."""
    return issubclass(model, SoftDeleteMixin) or find_mark(model) is not None
