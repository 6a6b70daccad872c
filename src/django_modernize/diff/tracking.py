"""The base model whose instances keep a baseline through every load and write."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.base import ModelBase
from django.db.models.signals import class_prepared, post_save

from ..managers import ComposableModel, QuerySetMixins
from .baseline import Baseline
from .descriptors import install_descriptors, set_aside
from .moves import (
    BEFORE_SAVE_NAME,
    BLOCK_START_NAME,
    baseline_of,
    give_out_all,
    move_after_read,
    move_after_write,
)
from .querysets import BaselineQuerySet

__all__ = ["BaselineMixin"]


class BaselineMixin(ComposableModel):
    """A model whose instances remember the values of their row when last loaded or saved."""

    queryset_mixins: ClassVar[QuerySetMixins] = (BaselineQuerySet,)

    watches_in_place: ClassVar[bool] = False
    """Whether values that can change in place (JSON, arrays) are copied when first read."""

    _baseline: Baseline

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any
    ) -> Self:
        """Create the instance of a loaded row, and keep the row as its baseline.

        Args:
            db: See :meth:`django.db.models.Model.from_db`.
            field_names: See there.
            values: See there.
            **kwargs: The arguments that later versions of Django add.
        """
        instance = super().from_db(db, field_names, values, **kwargs)
        instance._baseline = baseline = Baseline(field_names, values)  # type: ignore[arg-type]
        set_aside(instance, baseline)
        return instance

    def get_deferred_fields(self) -> set[str]:
        """Return the names of the fields that would cost a query to read."""
        return super().get_deferred_fields().difference(baseline_of(self).unread)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Reload the row. The reloaded fields no longer count as changed.

        Args:
            using: See :meth:`django.db.models.Model.refresh_from_db`.
            fields: See there.
            from_queryset: See there.
        """
        names = None if fields is None else set(fields)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        move_after_read(self, names)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row.

        Args:
            *args: See :meth:`django.db.models.Model.save`.
            **kwargs: See there.
        """
        if not kwargs.get("update_fields"):
            # Django treats attributes that the instance lacks as deferred.
            give_out_all(self)
        super().save(*args, **kwargs)

    # Prevent templates from calling it.
    save.alters_data = True  # type: ignore[attr-defined]

    def save_base(
        self,
        raw: bool = False,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the row and update the baseline, which a failure leaves unchanged.

        ``save()`` would be too early, since a later mixin may still extend ``update_fields``.

        Args:
            raw: See ``django.db.models.Model.save_base``.
            force_insert: See there.
            force_update: See there.
            using: See there.
            update_fields: See there.
        """
        loaded = self.__dict__
        known: Baseline | None = loaded.get("_baseline")
        is_inside_save = BEFORE_SAVE_NAME in loaded
        names = None if update_fields is None else frozenset(update_fields)
        try:
            super().save_base(raw, force_insert, force_update, using, names)
            if BEFORE_SAVE_NAME not in loaded:
                # The signal was muted, as some factories do.
                move_after_write(self, names)
        except BaseException:
            self._restore_baseline(known)
            raise
        finally:
            if not is_inside_save:
                loaded.pop(BEFORE_SAVE_NAME, None)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to copy or pickle, without the baselines of receivers and blocks."""
        state = super().__getstate__()
        for name in (BEFORE_SAVE_NAME, BLOCK_START_NAME):
            state.pop(name, None)
        return state

    def _restore_baseline(self, known: Baseline | None) -> None:
        if known is None:
            self.__dict__.pop("_baseline", None)
        else:
            self._baseline = known


def _note_written(
    sender: type[models.Model],
    instance: models.Model,
    created: bool,
    raw: bool,
    update_fields: Collection[str] | None,
    **kwargs: Any,
) -> None:
    """Update the baseline with the written values, before other receivers can change them.

    The other receivers still see the diff until ``save_base()`` ends. Raw saves (``loaddata``)
    bypass our ``save_base()``, so for them the diff is not kept.
    """
    known = baseline_of(instance)
    is_inside_save = BEFORE_SAVE_NAME in instance.__dict__
    move_after_write(
        instance, update_fields, was_created=created or (is_inside_save and known.was_created)
    )
    if not raw and not is_inside_save:
        instance.__dict__[BEFORE_SAVE_NAME] = known


def _prepare_model(sender: type[models.Model], **kwargs: Any) -> None:
    if issubclass(sender, BaselineMixin):
        install_descriptors(sender, watched=sender.watches_in_place)
        # Connect as soon as the class is ready, to run before the project's own receivers.
        post_save.connect(_note_written, sender=sender, dispatch_uid="django_modernize.diff")


class_prepared.connect(_prepare_model, dispatch_uid="django_modernize.diff")
