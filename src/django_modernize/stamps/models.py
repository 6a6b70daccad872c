"""Mixins that record when, by whom and from where a row was created and last changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.checks import CheckMessage
from django.db.models.signals import class_prepared
from django.utils.translation import gettext_lazy as _

from ..diff.baseline import NOT_LOADED
from ..diff.moves import baseline_of
from ..diff.tracking import BaselineMixin
from ..managers import QuerySetMixins
from .checks import check_choice
from .fields import SourceStampField, StampField, TimeStampField, UserStampField, find_stamps
from .managers import prepare_managers
from .moment import one_moment
from .querysets import StampedQuerySet
from .undo import undone_on_failure

__all__ = ["SourceStampedMixin", "TimeStampedMixin", "UserStampedMixin"]


class StampedModel(BaselineMixin):
    """The base of the three mixins, which sets the stamps in every save."""

    queryset_mixins: ClassVar[QuerySetMixins] = (StampedQuerySet,)

    stamps_only_changes: ClassVar[bool] = False
    """Whether a save that changes nothing keeps the change stamps.

    Requires ``ModelDiffMixin``. ``update()`` and ``bulk_update()`` always count as a change.
    """

    stamped_by_database: ClassVar[bool] = False
    """Whether a trigger stamps changes that Django does not write itself."""

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """Return the check messages of the model, including those about its stamps."""
        return [*super().check(**kwargs), *check_choice(cls)]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row with its stamps, even with ``update_fields`` or deferred fields.

        Args:
            *args: See :meth:`django.db.models.Model.save`.
            **kwargs: See there.
        """
        stamps = [stamp for stamp in find_stamps(type(self)) if stamp.on_change]
        update_fields = kwargs.get("update_fields")
        if update_fields is not None:
            kwargs["update_fields"] = update_fields = _add_stamps(update_fields, stamps)
        with one_moment(self, update_fields), undone_on_failure([self]):
            if update_fields is None and not self._state.adding:
                self._load_deferred(stamps)
            super().save(*args, **kwargs)

    # Prevent templates from calling it.
    save.alters_data = True  # type: ignore[attr-defined]

    def _load_deferred(self, stamps: list[StampField]) -> None:
        # Django does not save deferred fields. The value is set when the row is written.
        missing = [stamp for stamp in stamps if stamp.attname not in self.__dict__]
        for stamp in missing:
            known = baseline_of(self).get(stamp.attname)
            self.__dict__[stamp.attname] = stamp.no_value if known is NOT_LOADED else known


class TimeStampedMixin(StampedModel):
    """Record when a row was created and when it was last changed."""

    created_at = TimeStampField(_("created at"))
    modified_at = TimeStampField(_("modified at"), on_change=True)

    class Meta:
        abstract = True


class UserStampedMixin(StampedModel):
    """Record who created a row and who changed it last: the actor of the change context."""

    created_by = UserStampField(verbose_name=_("created by"))
    modified_by = UserStampField(verbose_name=_("modified by"), on_change=True)

    class Meta:
        abstract = True


class SourceStampedMixin(StampedModel):
    """Record where a row and its last change came from: the source of the change context."""

    created_via = SourceStampField(_("created via"))
    modified_via = SourceStampField(_("modified via"), on_change=True)

    class Meta:
        abstract = True


def _add_stamps(update_fields: Iterable[str], stamps: Iterable[StampField]) -> set[str]:
    names = set(update_fields)
    # Without any names, Django saves nothing, so do not add the stamps.
    return names.union(stamp.name for stamp in stamps) if names else names


class_prepared.connect(prepare_managers, dispatch_uid="django_modernize.stamps")
