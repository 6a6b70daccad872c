"""The mixins that say when, by whom and from where a row was made and last changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..diff.tracking import BaselineMixin
from .fields import SourceStampField, StampField, TimeStampField, UserStampField, find_stamps
from .moment import one_moment
from .querysets import StampedQuerySet
from .undo import undone_on_failure

__all__ = ["SourceStampedMixin", "TimeStampedMixin", "UserStampedMixin"]


class StampedModel(BaselineMixin):
    """What the three mixins share: one moment per save, and stamps in every save."""

    queryset_mixins = (StampedQuerySet,)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row; ``update_fields`` and deferred fields leave no stamp out.

        Args:
            *args: See :meth:`django.db.models.Model.save`.
            **kwargs: See there.
        """
        stamps = [stamp for stamp in find_stamps(type(self)) if stamp.on_change]
        update_fields = kwargs.get("update_fields")
        if update_fields is not None:
            kwargs["update_fields"] = update_fields = _add_stamps(update_fields, stamps)
        with one_moment(self), undone_on_failure([self]):
            if update_fields is None and not self._state.adding:
                self._load_deferred(stamps)
            super().save(*args, **kwargs)

    # Django's own mark: not to be called from a template.
    save.alters_data = True  # type: ignore[attr-defined]

    def _load_deferred(self, stamps: list[StampField]) -> None:
        # Django saves no deferred field; the value is set when the row is written.
        for stamp in stamps:
            self.__dict__.setdefault(stamp.attname, stamp.no_value)


class TimeStampedMixin(StampedModel):
    """A row that knows when it was made and when it was last changed."""

    created_at = TimeStampField("created at")
    modified_at = TimeStampField("modified at", on_change=True)

    class Meta:
        abstract = True


class UserStampedMixin(StampedModel):
    """A row that knows who made it and who changed it last: the actor of the context."""

    created_by = UserStampField(verbose_name="created by")
    modified_by = UserStampField(verbose_name="modified by", on_change=True)

    class Meta:
        abstract = True


class SourceStampedMixin(StampedModel):
    """A row that knows where it and its last change came from: the source of the context."""

    created_via = SourceStampField("created via")
    modified_via = SourceStampField("modified via", on_change=True)

    class Meta:
        abstract = True


def _add_stamps(update_fields: Iterable[str], stamps: Iterable[StampField]) -> set[str]:
    names = set(update_fields)
    # To Django, no names at all means that there is nothing to save.
    return names.union(stamp.name for stamp in stamps) if names else names
