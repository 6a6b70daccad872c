"""Writing many rows at once, with each instance's baseline kept true."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import models

from .moves import move_after_write

__all__ = ["BaselineQuerySet"]


class BaselineQuerySet(models.QuerySet[Any]):
    """A queryset that moves the baselines of the instances that it writes."""

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
        """Insert the instances; afterwards none of them has a change.

        Args:
            objs: The instances.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_create`.
            ignore_conflicts: See there; whether a row was created is not known then.
            update_conflicts: See there; whether a row was created is not known then.
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
        """Write the named fields; afterwards these are no changes any more.

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
