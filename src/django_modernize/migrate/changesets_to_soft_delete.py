"""Migrate the change sets of django-softdelete, which group rows deleted together."""

from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.db.migrations.state import ProjectState
from django.db.models import Model, QuerySet

from .batches import BatchOperation

__all__ = ["ChangeSetsToSoftDelete"]

RECORDS: Final = ("softdelete", "SoftDeleteRecord")


class ChangeSetsToSoftDelete(BatchOperation):
    """Convert the change sets of django-softdelete, keeping ``deleted_at``.

    >>> ChangeSetsToSoftDelete("Booking")
    <ChangeSetsToSoftDelete 'Booking'>

    Rows of one change set, even of different models, become one deletion. Put it after the
    operations that add ``deletion_id`` and the other fields. The migration must depend on the last
    one of ``softdelete``, whose tables it reads. In reverse, rows deleted in the meantime get their
    own change sets, and restored rows lose theirs.

    Args:
        model_name: The model, in the app of the migration.
        batch_size: How many rows to read at once.
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name!r}>"

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Takes the change sets of {self.model_name} over into soft delete"

    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Set the deletion of each deleted row in a batch to that of its change set."""
        marked: list[Any] = [
            row
            for row in rows
            if row.deleted_at is not None and row.deletion_id is None  # type: ignore[attr-defined]
        ]
        if not marked:
            return
        records = self._read_records(marked, state, using).order_by("created_date")
        sets = dict(records.values_list("object_id", "changeset_id"))
        for row in marked:
            found = sets.get(str(row.pk))
            row.deletion_id = uuid4() if found is None else name_deletion(found)
        QuerySet(type(marked[0]), using=using).bulk_update(marked, ["deletion_id"])

    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Update the records of a batch to match its rows."""
        records = self._read_records(rows, state, using)
        living = {str(row.pk) for row in rows if row.deleted_at is None}  # type: ignore[attr-defined]
        records.filter(object_id__in=living).delete()
        known = living | set(records.values_list("object_id", flat=True))
        content_type = self._find_type(rows[0], records)
        for row in rows:
            if str(row.pk) not in known:
                _record(row, content_type, records.model, using)

    def _read_records(self, rows: list[Any], state: ProjectState, using: str) -> "QuerySet[Any]":
        """Return the records of django-softdelete about the rows.

        Raises:
            LookupError: The migration does not depend on those of django-softdelete.
        """
        records: QuerySet[Any] = QuerySet(state.apps.get_model(*RECORDS), using=using)
        return records.filter(
            content_type_id=self._find_type(rows[0], records).pk,
            object_id__in=[str(row.pk) for row in rows],
        )

    def _find_type(self, row: Any, records: "QuerySet[Any]") -> Any:
        types: Any = records.model._meta.get_field("content_type").related_model
        return QuerySet(types, using=records.db).get_or_create(
            app_label=row._meta.app_label, model=row._meta.model_name
        )[0]


def _record(row: Any, content_type: Any, records: Any, using: str) -> None:
    """Record that a row was deleted, in the change set of its deletion."""
    change_sets: Any = records._meta.get_field("changeset").related_model
    of_row = {"content_type_id": content_type.pk, "object_id": str(row.pk)}
    # All rows of a deletion have the same time, by which those of other models find the set.
    sets: QuerySet[Any] = QuerySet(change_sets, using=using)
    change_set = sets.get_or_create(created_date=row.deleted_at, defaults=of_row)[0]
    QuerySet(records, using=using).create(
        changeset=change_set, created_date=row.deleted_at, **of_row
    )


def name_deletion(change_set: int) -> UUID:
    """Return the id of the deletion that a change set becomes, the same for every model."""
    return uuid5(NAMESPACE_OID, f"softdelete.ChangeSet:{change_set}")
