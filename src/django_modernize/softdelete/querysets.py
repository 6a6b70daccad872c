"""The queryset of soft-deletable rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from asgiref.sync import sync_to_async
from django.db import IntegrityError
from django.db.models import Model, QuerySet

from ..exceptions import HeldByDeleted
from .deletion import Deletion
from .guards.passage import removing_rows
from .restoration import Restoration
from .uniqueness import list_held

__all__ = ["SoftDeleteQuerySet"]


ModelT = TypeVar("ModelT", bound=Model, covariant=True)


class SoftDeleteQuerySet(QuerySet[ModelT]):
    """A queryset of soft-deletable rows."""

    def alive(self) -> Self:
        """Return the live rows."""
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> Self:
        """Return the deleted rows."""
        return self.filter(deleted_at__isnull=False)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Hide the live rows and everything that cascades from them. See :class:`Deletion`."""
        self._refuse_uncountable("delete")
        rows = self._for_writing()
        result = Deletion(using=rows.db).mark_rows(rows)
        self._result_cache = None
        return result

    # Prevent templates from calling it, and managers from offering it.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def restore(self, with_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Restore the deletions that the rows are part of, each as a whole.

        Args:
            with_parents: Whether to restore the deletions of deleted parents too.

        Returns:
            The number of rows restored, and the number per model.

        Raises:
            RestoreConflict: The rows conflict with others. Nothing is restored.
        """
        rows = self._for_writing()
        ids = rows.filter(deletion_id__isnull=False).order_by().values_list("deletion_id")
        deletion_ids = [row[0] for row in ids.distinct()]
        if not deletion_ids:
            return 0, {}
        restoration = Restoration(self.model, using=rows.db, with_parents=with_parents)
        result = restoration.restore_deletions(deletion_ids)
        self._result_cache = None
        return result

    restore.alters_data = True  # type: ignore[attr-defined]

    def hard_delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows permanently, as Django does."""
        with removing_rows(self.model, self._for_writing().db):
            return super().delete()

    hard_delete.alters_data = True  # type: ignore[attr-defined]
    hard_delete.queryset_only = True  # type: ignore[attr-defined]

    def get_or_create(
        self, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[Any, bool]:
        """Return a row of this queryset, or create it if there is none.

        ``objects`` does not find a deleted row, and a value of it that ``UniqueAlive`` guards is
        free for the new row. ``all_objects`` finds the deleted row and returns it, still deleted.

        Args:
            defaults: See :meth:`django.db.models.query.QuerySet.get_or_create`.
            **kwargs: See there.

        Raises:
            HeldByDeleted: A deleted row still holds a value that is unique.
        """
        with self._telling_holder({**kwargs, **(defaults or {})}):
            return super().get_or_create(defaults, **kwargs)

    def update_or_create(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[Any, bool]:
        """Update a row of this queryset, or create it. See :meth:`get_or_create`.

        Args:
            defaults: See :meth:`django.db.models.query.QuerySet.update_or_create`.
            create_defaults: See there.
            **kwargs: See there.

        Raises:
            HeldByDeleted: A deleted row still holds a value that is unique.
        """
        with self._telling_holder({**kwargs, **(create_defaults or defaults or {})}):
            return super().update_or_create(defaults, create_defaults, **kwargs)

    async def arestore(self, with_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Async version of :meth:`restore`."""
        return await sync_to_async(self.restore)(with_parents)

    arestore.alters_data = True  # type: ignore[attr-defined]

    async def ahard_delete(self) -> tuple[int, dict[str, int]]:
        """Async version of :meth:`hard_delete`."""
        return await sync_to_async(self.hard_delete)()

    ahard_delete.alters_data = True  # type: ignore[attr-defined]
    ahard_delete.queryset_only = True  # type: ignore[attr-defined]

    def _for_writing(self) -> Self:
        """Return the queryset on the database for writes, which a router may distinguish."""
        rows = self._chain()  # type: ignore[attr-defined]
        rows._for_write = True
        return rows  # type: ignore[no-any-return]

    @contextmanager
    def _telling_holder(self, values: dict[str, Any]) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            called = {name: one() if callable(one) else one for name, one in values.items()}
            for holder in list_held(self.model, called, self.db):
                raise HeldByDeleted(holder) from error
            raise

    def _refuse_uncountable(self, verb: str) -> None:
        """Refuse the same querysets that Django's own ``delete()`` refuses."""
        if self.query.is_sliced:
            raise TypeError(f"Cannot {verb} a sliced queryset: filter(pk__in=...) first.")
        if self.query.distinct_fields:
            raise TypeError(f"Cannot {verb} after distinct(*fields): filter(pk__in=...) first.")
        if self._fields is not None:  # type: ignore[attr-defined]
            raise TypeError(f"Cannot {verb} after values() or values_list(): leave them out.")
