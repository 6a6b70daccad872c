"""The mixin with the fields and methods of a soft-deletable row."""

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
    """Make ``delete()`` hide the row, along with everything that Django would delete with it.

    ``objects`` returns the live rows, ``deleted_objects`` the deleted ones and ``all_objects``
    both. A foreign key to a deleted row still resolves. The change context provides who deleted
    the row and why.
    """

    deletion_marker: ClassVar[str] = "deleted_at"
    """The field that marks a row as deleted, as used by the audit trail and ``UniqueAlive``."""

    purge_hold: ClassVar[Q | None] = None
    """The rows that ``softdelete_purge`` must keep, such as ``Q(is_disputed=True)``."""

    refuses_raw_delete: ClassVar[bool] = False
    """Whether the database refuses to delete rows, except by ``hard_delete()`` and purge."""

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
    """The id that all rows hidden by one deletion share."""

    objects = SoftDeleteManager()  # type: ignore[misc]
    all_objects = EverythingManager()
    deleted_objects = DeletedManager()

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        """Whether the row is soft-deleted."""
        return self.deleted_at is not None

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Check unique values, including those of deleted rows if the database does.

        Args:
            exclude: See :meth:`django.db.models.Model.validate_unique`.

        Raises:
            ValidationError: A live row has the value already, or a deleted one still holds it.
        """
        super().validate_unique(exclude=exclude)
        refuse_held_values(self, exclude, self._state.db or router.db_for_write(type(self)))

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Hide the row and everything that cascades from it. Does nothing if already deleted.

        Args:
            using: The alias of the database. Defaults to the one that the row came from.
            keep_parents: Ignored, accepted for compatibility with Django. With multi-table
                inheritance, parent rows belong to the same object and are hidden with it.

        Returns:
            The number of rows hidden, and the number per model.

        Raises:
            ProtectedError: A live row protects this one. Nothing is hidden.
            RestrictedError: A row that remains restricts this one. Nothing is hidden.

        Costs the same as :meth:`Deletion.mark_rows`.
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
        """Hide the row like :meth:`delete`, with an explicit actor and reason.

        Args:
            user: The actor, instead of the one in the context.
            reason: The reason, instead of the one in the context.

        Returns:
            What :meth:`delete` returns.
        """
        named = {"actor": user, "reason": reason}
        with change_context(**{name: value for name, value in named.items() if value}):
            return self.delete()

    soft_delete.alters_data = True  # type: ignore[attr-defined]

    def restore(self, with_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Restore exactly the rows that were hidden in the same deletion as this row.

        Args:
            with_parents: Whether to restore the deletions of deleted parents too.

        Returns:
            The number of rows restored, and the number per model. Zero for a live row.

        Raises:
            RestoreConflict: The rows conflict with others. Nothing is restored.

        Costs the same as :class:`Restoration`.
        """
        alias = router.db_for_write(type(self), instance=self)
        restoration = Restoration(type(self), using=alias, with_parents=with_parents)
        result = restoration.restore_row(self)
        if result[0]:
            self._set_marks(**UNMARKED)
        return result

    restore.alters_data = True  # type: ignore[attr-defined]

    def hard_delete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the row permanently, along with everything that Django deletes with it."""
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
        """Set the deletion fields of the instance to those of its row."""
        self.deleted_by_id = deleted_by
        for name, value in marks.items():
            setattr(self, name, value)
        if issubclass(type(self), BaselineMixin):
            move_after_write(self, ["deleted_by", *marks])
