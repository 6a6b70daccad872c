"""Stamps for the statements that write many rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import models

from ..diff.moves import move_after_write
from ..diff.querysets import BaselineQuerySet
from .fields import StampField, UserStampField, find_stamps
from .moment import Moment, current_moment, one_moment
from .triggers import unstamped
from .undo import undone_on_failure

__all__ = ["StampedQuerySet"]


class StampedQuerySet(BaselineQuerySet):
    """A queryset that stamps what it writes; all rows of one call carry the same stamps."""

    composition_rank: ClassVar[int] = 80

    def update(self, **kwargs: Any) -> int:
        """Update the rows, with the stamps of a change beside the given values.

        A stamp that is given is taken as it is; ``modified_at=F("modified_at")`` leaves it alone.
        That a user is deleted whom a stamp names is no change of the row.

        Args:
            **kwargs: The fields and their values.
        """
        stamps = self._changing_stamps(without=())
        is_given = any(stamp.name in kwargs or stamp.attname in kwargs for stamp in stamps)
        if kwargs and not self._is_loss_of_user(kwargs):
            moment = current_moment()
            for stamp in self._changing_stamps(without=kwargs):
                kwargs[stamp.name] = stamp.read_stamp(moment)
        if not is_given or not getattr(self.model, "stamped_by_database", False):
            return super().update(**kwargs)
        self._for_write = True  # so that the alias is that of the update
        with unstamped(self.db):
            return super().update(**kwargs)

    # Django's own mark: not to be called from a template.
    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Insert the instances; where a row is updated instead, its stamps of a change are too.

        Args:
            objs: The instances.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_create`.
            ignore_conflicts: See there.
            update_conflicts: See there.
            update_fields: See there.
            unique_fields: See there.
        """
        instances = list(objs)
        if update_conflicts and update_fields:
            stamps = self._changing_stamps(without=update_fields)
            update_fields = [*update_fields, *(stamp.name for stamp in stamps)]
        with one_moment(), undone_on_failure(instances):
            return super().bulk_create(
                instances,
                batch_size,
                ignore_conflicts,
                update_conflicts,
                update_fields,
                unique_fields,
            )

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Write the named fields and the stamps of a change, which are set on the instances.

        A stamp that is named is written as the instances have it.

        Args:
            objs: The instances.
            fields: The names of the fields.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_update`.
        """
        instances, names = list(objs), list(fields)
        with one_moment() as moment:
            # Django ends in update(), where the stamps join in as constants.
            count = super().bulk_update(instances, names, batch_size)
        self._set_stamps(instances, self._changing_stamps(without=names), moment)
        return count

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def _is_loss_of_user(self, values: dict[str, Any]) -> bool:
        model: type[models.Model] = self.model
        users = {stamp.name for stamp in find_stamps(model) if isinstance(stamp, UserStampField)}
        return users.issuperset(values) and all(value is None for value in values.values())

    def _changing_stamps(self, without: Iterable[str]) -> list[StampField]:
        named = set(without)
        model: type[models.Model] = self.model
        return [
            stamp
            for stamp in find_stamps(model)
            if stamp.on_change and named.isdisjoint((stamp.name, stamp.attname))
        ]

    def _set_stamps(
        self, instances: Iterable[Any], stamps: Collection[StampField], moment: Moment
    ) -> None:
        names = [stamp.name for stamp in stamps]
        for instance in instances:
            for stamp in stamps:
                stamp.set_stamp(instance, stamp.read_stamp(moment))
            move_after_write(instance, names)


# So that a model which has the fields alone, as those of a data migration, asks for it too.
StampField.queryset_mixins = (StampedQuerySet,)
