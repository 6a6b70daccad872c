"""Convert the marks of another kind of soft delete, and back."""

from abc import abstractmethod
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.db.migrations.state import ProjectState
from django.db.models import Model, QuerySet
from django.utils import timezone

from .batches import BATCH_SIZE, BatchOperation

__all__ = ["BooleanToSoftDelete", "TimestampToSoftDelete"]


class MarksToSoftDelete(BatchOperation):
    """The base of the operations, with one deletion for each marked row.

    If it is not known which rows were deleted together, each is restored on its own.
    """

    def choose_deletions(self, rows: list[Any], using: str) -> list[UUID]:
        """Return an id for each of the rows."""
        return [uuid4() for _ in rows]

    @abstractmethod
    def read_moment(self, row: Any) -> datetime | None:
        """Return when a row was deleted, ``None`` for a living one."""

    @abstractmethod
    def write_moment(self, row: Any, moment: datetime | None) -> list[str]:
        """Set the old marks of a row, and return the names of their fields."""

    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Mark the deleted rows of a batch that are not marked yet."""
        changed: list[Any] = []
        for row in rows:
            moment = self.read_moment(row)
            if moment is not None and row.deleted_at is None:  # type: ignore[attr-defined]
                row.deleted_at = moment  # type: ignore[attr-defined]
                changed.append(row)
        for row, deletion_id in zip(changed, self.choose_deletions(changed, using), strict=True):
            row.deletion_id = deletion_id
        self._write(changed, ["deleted_at", "deletion_id"], using)

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Restore the old marks of the rows in a batch."""
        names: list[str] = []
        for row in rows:
            names = self.write_moment(row, row.deleted_at)  # type: ignore[attr-defined]
        self._write(rows, names, using)

    def _write(self, rows: list[Any], names: list[str], using: str) -> None:
        if rows:
            QuerySet(type(rows[0]), using=using).bulk_update(rows, names)


class BooleanToSoftDelete(MarksToSoftDelete):
    """Converts a boolean column such as ``is_deleted`` to soft delete.

    >>> BooleanToSoftDelete("Booking", "is_deleted", at="removed_at")
    <BooleanToSoftDelete 'Booking', 'is_deleted', at='removed_at'>

    Put it between the operations that add the fields of ``SoftDeleteMixin`` and the one that
    removes the column. Backwards it writes the column again.

    Args:
        model_name: The model, in the app of the migration.
        field: The column.
        at: The column that says when, if any; otherwise the time of the migration is used.
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
    """Converts a column that says when a row was deleted, and is null for live rows.

    Such columns are ``deleted`` of django-safedelete, and ``deleted_at`` under any other name.

    >>> TimestampToSoftDelete("Booking", "deleted")
    <TimestampToSoftDelete 'Booking', 'deleted'>
    >>> TimestampToSoftDelete("Booking", "deleted", cascaded="deleted_by_cascade", parent="house")
    <TimestampToSoftDelete 'Booking', 'deleted', cascaded='deleted_by_cascade', parent='house'>

    Put it between the operations that add the fields of ``SoftDeleteMixin`` and the one that
    removes the column. Backwards it writes the column again.

    Args:
        model_name: The model, in the app of the migration.
        field: The column.
        cascaded: The column that says whether a row was deleted with its parent.
        parent: The key to that parent; such a row then belongs to the deletion of its parent, whose
            own operation has to come first.
        batch_size: How many rows to read at once.
    """

    def __init__(
        self,
        model_name: str,
        field: str,
        *,
        cascaded: str | None = None,
        parent: str | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if (cascaded is None) != (parent is None):
            raise ValueError("cascaded and parent go together: name both, or none.")
        super().__init__(model_name, batch_size=batch_size)
        self.field = field
        self.cascaded = cascaded
        self.parent = parent

    def __repr__(self) -> str:
        along = f", cascaded={self.cascaded!r}, parent={self.parent!r}" if self.cascaded else ""
        return f"<{type(self).__name__} {self.model_name!r}, {self.field!r}{along}>"

    def choose_deletions(self, rows: list[Any], using: str) -> list[UUID]:
        """Return the parent's deletion for a row deleted with it. Costs one query."""
        if self.cascaded is None or not rows:
            return super().choose_deletions(rows, using)
        key = rows[0]._meta.get_field(self.parent)
        if key.related_model is key.model:
            return self._choose_by_roots(rows, using)
        taken = self._find_parents(rows, using)
        return [
            (getattr(row, self.cascaded) and taken.get(self._read_parent(row))) or uuid4()
            for row in rows
        ]

    def _choose_by_roots(self, rows: list[Any], using: str) -> list[UUID]:
        """Return the same deletion for all rows of a tree, whichever of them is read first.

        Costs one query for each level above the rows.
        """
        model = type(rows[0])
        name = model._meta.get_field(self.parent).target_field.attname
        marked: QuerySet[Any] = QuerySet(model, using=using).filter(
            **{f"{self.field}__isnull": False}
        )
        roots = {row.pk: row for row in rows}
        passed: dict[Any, set[Any]] = {pk: {pk} for pk in roots}
        climbing = set(roots)
        while climbing:
            keys = {
                pk: self._read_parent(roots[pk]) for pk in climbing if self._went_along(roots[pk])
            }
            parents = marked.filter(**{f"{name}__in": {*keys.values()}})
            found = {getattr(parent, name): parent for parent in parents}
            # Rows in a circle have no root.
            climbing = {
                pk for pk, key in keys.items() if key in found and found[key].pk not in passed[pk]
            }
            for pk in climbing:
                roots[pk] = found[keys[pk]]
                passed[pk].add(roots[pk].pk)
        return [uuid5(NAMESPACE_OID, f"{model._meta.label}:{roots[row.pk].pk}") for row in rows]

    def _went_along(self, row: Any) -> bool:
        return bool(getattr(row, str(self.cascaded)))

    def read_moment(self, row: Any) -> datetime | None:
        """Return when a row was deleted, ``None`` for a living one."""
        moment: datetime | None = getattr(row, self.field)
        return moment

    def write_moment(self, row: Any, moment: datetime | None) -> list[str]:
        """Set the old marks of a row, and return the names of their fields."""
        setattr(row, self.field, moment)
        return [self.field]

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Restore the old marks of the rows in a batch, and which were deleted with a parent."""
        super().carry_back(rows, state, using)
        if self.cascaded is not None:
            taken = self._find_parents(rows, using)
            for row in rows:
                own = row.deletion_id  # type: ignore[attr-defined]
                along = own is not None and taken.get(self._read_parent(row)) == own
                setattr(row, self.cascaded, along)
            self._write(rows, [self.cascaded], using)

    def _find_parents(self, rows: list[Any], using: str) -> dict[Any, UUID]:
        """Return the deletions of the rows' parents, by the value of the rows' keys."""
        if not rows:
            return {}
        key = rows[0]._meta.get_field(self.parent)
        name = key.target_field.attname
        parents: QuerySet[Any] = QuerySet(key.related_model, using=using)
        held = {self._read_parent(row) for row in rows} - {None}
        return dict(parents.filter(**{f"{name}__in": held}).values_list(name, "deletion_id"))

    def _read_parent(self, row: Any) -> Any:
        return getattr(row, row._meta.get_field(self.parent).attname)

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Takes {self.field} of {self.model_name} over into soft delete"
