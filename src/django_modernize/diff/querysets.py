"""A queryset that keeps baselines up to date when it writes many rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import models

from .moves import move_after_write

__all__ = ["BaselineQuerySet"]


class BaselineQuerySet(models.QuerySet[Any]):
    """A queryset that updates the baselines of the instances it writes."""

    composition_rank: ClassVar[int] = 90

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Insert the instances. Afterwards none of them has changes.

        Args:
            objs: The instances.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_create`.
            ignore_conflicts: See there. Whether a row was created is then unknown.
            update_conflicts: See there. Whether a row was created is then unknown.
            update_fields: See there.
            unique_fields: See there.
        """
        instances = super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )
        for instance in instances:
            move_after_write(instance, was_created=not (ignore_conflicts or update_conflicts))
        return instances

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Write the named fields. Afterwards they no longer count as changed.

        Args:
            objs: The instances.
            fields: The names of the fields.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_update`.
        """
        instances, names = list(objs), list(fields)
        count = super().bulk_update(instances, names, batch_size)
        for instance in instances:
            move_after_write(instance, names)
        return count
