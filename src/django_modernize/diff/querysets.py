"""Writing many rows at once, with each instance's baseline kept true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models

from .moves import move_after_write

__all__ = ["BaselineQuerySet"]


class BaselineQuerySet(models.QuerySet[Any]):
    """A queryset that moves the baselines of the instances that it writes."""

    composition_rank: ClassVar[int] = 90

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert the instances; afterwards none of them has a change.

        Args:
            objs: The instances.
            *args: See :meth:`django.db.models.query.QuerySet.bulk_create`.
            **kwargs: See there.
        """
        created = super().bulk_create(objs, *args, **kwargs)
        for instance in created:
            move_after_write(instance)
        return created

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
