"""The fields and methods of a row that can be hidden and brought back."""

from collections.abc import Collection
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import models, router
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..context import change_context
from ..diff.moves import move_after_write
from ..diff.tracking import BaselineMixin
from ..managers import ComposableModel, QuerySetMixins
from ..naming import call_field
from .deletion import Deletion
from .guards.passage import removing_rows
from .journal import DeletionJournal
from .managers import DeletedManager, EverythingManager, SoftDeleteManager
from .querysets import SoftDeleteQuerySet
from .restoration import Restoration
from .restore_plans import UNMARKED
from .uniqueness import refuse_held_values

__all__ = ["DeletionJournal", "SoftDeleteMixin"]


class SoftDeleteMixin(ComposableModel):
    """A row that ``delete()`` hides, together with everything that Django would delete with it.

    ``objects`` shows the living rows, ``deleted_objects`` the hidden ones, ``all_objects`` both.
    A foreign key to a hidden row still resolves. The context says who deleted it and why.
    """

    deletion_marker: ClassVar[str] = "deleted_at"
    """The field that tells whether a row is deleted; the audit trail and ``UniqueAlive`` ask."""

    purge_hold: ClassVar[Q | None] = None
    """Which rows ``softdelete_purge`` must keep, as ``Q(is_disputed=True)``."""

    refuses_raw_delete: ClassVar[bool] = False
    """Whether the database lets nobody remove a row, but by ``hard_delete()`` and purge."""

    queryset_mixins: ClassVar[QuerySetMixins] = (SoftDeleteQuerySet,)

    deleted_at = call_field(
        models.DateTimeField(null=True, blank=True, editable=False), _("deleted at")
    )
    deleted_by = call_field(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            on_delete=models.SET_NULL,
            null=True,
            blank=True,
            editable=False,
            related_name="+",
        ),
        _("deleted by"),
    )
    deletion_reason = call_field(
        models.TextField(blank=True, default="", editable=False), _("deletion reason")
    )
    deletion_id = call_field(
        models.UUIDField(null=True, blank=True, editable=False, db_index=True), _("deletion id")
    )
    """The same for all rows that one deletion took."""

    objects = SoftDeleteManager()  # type: ignore[misc]
    all_objects = EverythingManager()
    deleted_objects = DeletedManager()

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        """Whether the row is hidden."""
        return self.deleted_at is not None

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Check what is unique, among deleted rows too where the database does.

        Args:
            exclude: See :meth:`django.db.models.Model.validate_unique`.

        Raises:
            ValidationError: A living row has a value already, or a deleted one still holds it.
        """
        super().validate_unique(exclude=exclude)
        refuse_held_values(self, exclude, self._state.db or router.db_for_write(type(self)))

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Hide the row and everything deleted with it; does nothing if it is hidden already.

        Args:
            using: Alias of the database; by default the one that the row came from.
            keep_parents: Accepted for compatibility with Django, and ignored: the parent rows of
                multi-table inheritance belong to the same object and are hidden with it.

        Returns:
            How many rows were hidden, and how many of each model.

        Raises:
            ProtectedError: A living row protects this one; nothing is hidden.
            RestrictedError: A row that stays restricts this one; nothing is hidden.

        Costs what :meth:`Deletion.mark_rows` costs.
        """
        if self.pk is None:
            raise ValueError(
                f"{type(self).__name__} object can't be deleted because it has no primary key: "
                "save it first."
            )
        alias = using or router.db_for_write(type(self), instance=self)
        deletion = Deletion(using=alias)
        result = deletion.mark_row(self)
        if result[0]:
            self._set_marks(**deletion.marks)
        return result

    delete.alters_data = True  # type: ignore[attr-defined]

    def soft_delete(self, user: Any = None, reason: str = "") -> tuple[int, dict[str, int]]:
        """Hide the row, and say who does it and why in place of the context.

        Args:
            user: The actor in place of the context's.
            reason: The reason in place of the context's.

        Returns:
            What :meth:`delete` returns.
        """
        named = {"actor": user, "reason": reason}
        with change_context(**{name: value for name, value in named.items() if value}):
            return self.delete()

    soft_delete.alters_data = True  # type: ignore[attr-defined]

    def restore(self, with_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Bring back this row, and exactly the rows that were deleted with it.

        Args:
            with_parents: Whether to bring back deleted parents too, with their own deletions.

        Returns:
            How many rows came back, and how many of each model; none for a living row.

        Raises:
            RestoreConflict: Something is in the way; nothing is restored.

        Costs what :class:`Restoration` says.
        """
        alias = router.db_for_write(type(self), instance=self)
        restoration = Restoration(type(self), using=alias, with_parents=with_parents)
        result = restoration.restore_row(self)
        if result[0]:
            self._set_marks(**UNMARKED)
        return result

    restore.alters_data = True  # type: ignore[attr-defined]

    def hard_delete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the row for good, with everything that Django deletes with it, hidden or not."""
        alias = using or router.db_for_write(type(self), instance=self)
        with removing_rows(type(self), alias):
            return super().delete(using=alias)

    hard_delete.alters_data = True  # type: ignore[attr-defined]

    async def asoft_delete(self, user: Any = None, reason: str = "") -> tuple[int, dict[str, int]]:
        """Async version of :meth:`soft_delete`."""
        return await sync_to_async(self.soft_delete)(user, reason)

    asoft_delete.alters_data = True  # type: ignore[attr-defined]

    async def arestore(self, with_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Async version of :meth:`restore`."""
        return await sync_to_async(self.restore)(with_parents)

    arestore.alters_data = True  # type: ignore[attr-defined]

    async def ahard_delete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Async version of :meth:`hard_delete`."""
        return await sync_to_async(self.hard_delete)(using)

    ahard_delete.alters_data = True  # type: ignore[attr-defined]

    def _set_marks(self, *, deleted_by: Any, **marks: Any) -> None:
        """Make the instance say what its row says."""
        self.deleted_by_id = deleted_by
        for name, value in marks.items():
            setattr(self, name, value)
        if issubclass(type(self), BaselineMixin):
            move_after_write(self, ["deleted_by", *marks])
