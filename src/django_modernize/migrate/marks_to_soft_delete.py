"""Carries the marks of another way to soft delete over, and back."""

from abc import abstractmethod
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.migrations.state import ProjectState
from django.db.models import Model, QuerySet
from django.utils import timezone

from .batches import BATCH_SIZE, BatchOperation

__all__ = ["BooleanToSoftDelete", "TimestampToSoftDelete"]


class MarksToSoftDelete(BatchOperation):
    """What the operations have in common: one deletion for each row that was marked.

    The other way did not keep which rows went together, so each comes back on its own.
    """

    @abstractmethod
    def read_moment(self, row: Any) -> datetime | None:
        """Return when a row was deleted, ``None`` for a living one."""

    @abstractmethod
    def write_moment(self, row: Any, moment: datetime | None) -> list[str]:
        """Set the old marks of a row, and return the names of their fields."""

    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Mark the rows of a batch that are not marked yet."""
        changed: list[Any] = []
        for row in rows:
            moment = self.read_moment(row)
            if moment is not None and row.deleted_at is None:  # type: ignore[attr-defined]
                row.deleted_at, row.deletion_id = moment, uuid4()  # type: ignore[attr-defined]
                changed.append(row)
        self._write(changed, ["deleted_at", "deletion_id"], using)

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Give the rows of a batch their old marks."""
        names: list[str] = []
        for row in rows:
            names = self.write_moment(row, row.deleted_at)  # type: ignore[attr-defined]
        self._write(rows, names, using)

    def _write(self, rows: list[Any], names: list[str], using: str) -> None:
        if rows:
            QuerySet(type(rows[0]), using=using).bulk_update(rows, names)


class BooleanToSoftDelete(MarksToSoftDelete):
    """Takes a column over that says whether a row is deleted, as ``is_deleted``.

    >>> BooleanToSoftDelete("Booking", "is_deleted", at="removed_at")
    <BooleanToSoftDelete 'Booking', 'is_deleted', at='removed_at'>

    Put it between the operations that add the fields of ``SoftDeleteMixin`` and the one that
    removes the column. Backwards it writes the column again.

    Args:
        model_name: The model, in the app of the migration.
        field: The column.
        at: The column that says when, if there is one; else the moment of the migration counts.
        batch_size: How many rows to read at once.
    """

    def __init__(
        self, model_name: str, field: str, *, at: str | None = None, batch_size: int = BATCH_SIZE
    ) -> None:
        super().__init__(model_name, batch_size=batch_size)
        self.field = field
        self.at = at

    def __repr__(self) -> str:
        at = "" if self.at is None else f", at={self.at!r}"
        return f"<{type(self).__name__} {self.model_name!r}, {self.field!r}{at}>"

    def read_moment(self, row: Any) -> datetime | None:
        """Return when a row was deleted, ``None`` for a living one."""
        if not getattr(row, self.field):
            return None
        moment = getattr(row, self.at) if self.at else None
        return moment or timezone.now()

    def write_moment(self, row: Any, moment: datetime | None) -> list[str]:
        """Set the old marks of a row, and return the names of their fields."""
        setattr(row, self.field, moment is not None)
        if self.at is None:
            return [self.field]
        setattr(row, self.at, moment)
        return [self.field, self.at]

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Takes {self.field} of {self.model_name} over into soft delete"


class TimestampToSoftDelete(MarksToSoftDelete):
    """Takes a column over that says when a row was deleted, and is empty for a living one.

    So do ``deleted`` of django-safedelete and ``deleted_at`` of others under another name.

    >>> TimestampToSoftDelete("Booking", "deleted")
    <TimestampToSoftDelete 'Booking', 'deleted'>

    Put it between the operations that add the fields of ``SoftDeleteMixin`` and the one that
    removes the column. Backwards it writes the column again.

    Args:
        model_name: The model, in the app of the migration.
        field: The column.
        batch_size: How many rows to read at once.
    """

    def __init__(self, model_name: str, field: str, *, batch_size: int = BATCH_SIZE) -> None:
        super().__init__(model_name, batch_size=batch_size)
        self.field = field

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name!r}, {self.field!r}>"

    def read_moment(self, row: Any) -> datetime | None:
        """Return when a row was deleted, ``None`` for a living one."""
        moment: datetime | None = getattr(row, self.field)
        return moment

    def write_moment(self, row: Any, moment: datetime | None) -> list[str]:
        """Set the old marks of a row, and return the names of their fields."""
        setattr(row, self.field, moment)
        return [self.field]

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Takes {self.field} of {self.model_name} over into soft delete"
