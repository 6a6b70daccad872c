"""Stamps for statements that write many rows."""

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
    """A queryset that stamps the rows it writes, with the same stamps for all rows of a call."""

    composition_rank: ClassVar[int] = 80

    def update(self, **kwargs: Any) -> int:
        """Update the rows, setting the change stamps along with the given values.

        A stamp given explicitly is used as it is: ``modified_at=F("modified_at")`` keeps the old
        value. Clearing a stamp because its user is deleted does not count as a change of the row.

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
        self._for_write = True  # use the same database alias as the update
        with unstamped(self.db):
            return super().update(**kwargs)

    # Prevent templates from calling it.
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
        """Insert the instances with stamps, or set the change stamps of rows updated instead.

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
        """Write the named fields and the change stamps, which are also set on the instances.

        A stamp among the named fields is written with the value that the instances have.

        Args:
            objs: The instances.
            fields: The names of the fields.
            batch_size: See :meth:`django.db.models.query.QuerySet.bulk_update`.
        """
        instances, names = list(objs), list(fields)
        with one_moment() as moment:
            # Django calls update() in the end, which adds the stamps as constants.
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


# Models that have the fields but not the mixins, as in a data migration, need the queryset too.
StampField.queryset_mixins = (StampedQuerySet,)
