"""Blocks of code in which an instance is compared with its state at the start of the block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from .baseline import Baseline
from .changes import Change, make_change
from .moves import BLOCK_START_NAME, baseline_of, copy_values
from .values import keep_pending

__all__ = ["find_relation_changes", "find_relation_start", "track_changes"]

ModelT = TypeVar("ModelT", bound=models.Model)
Keys = tuple[Any, ...]


class BlockStart(Baseline):
    """The values of an instance at the start of a block.

    Args:
        names: As for :class:`Baseline`.
        row: As for :class:`Baseline`.
        relations: The primary keys that each many-to-many field contained.
    """

    __slots__ = ("relations",)

    def __init__(
        self, names: Sequence[str], row: Sequence[Any], relations: Mapping[str, Keys]
    ) -> None:
        super().__init__(names, row)
        self.relations = relations

    def _renew(self, names: Sequence[str], row: Sequence[Any], unread: Sequence[str]) -> Self:
        return type(self)(names, row, self.relations)


@contextmanager
def track_changes(instance: ModelT, *, relations: Iterable[str] = ()) -> Iterator[ModelT]:
    """Make ``diff`` and related members compare with the start of the block, despite saves in it.

    Blocks can be nested; the innermost one applies. ``save_changed()`` still writes what differs
    from the row.

    Args:
        instance: An instance of a model with ``ModelDiffMixin``.
        relations: The names of many-to-many fields to report too, as primary keys.

    Yields:
        The instance.

    Raises:
        FieldDoesNotExist: One of the relations is not a many-to-many field of the model.

    Costs one query for each relation at the start, and again each time a diff is read.
    """
    names, loaded = _checked_relations(instance, relations), instance.__dict__
    values = copy_values(instance, baseline_of(instance))
    for field in instance._meta.concrete_fields:
        if field.attname in loaded:
            known = values[field.attname]
            values[field.attname] = keep_pending(field, loaded[field.attname], known)
    keys = {name: _read_keys(instance, name) for name in names}
    around = loaded.get(BLOCK_START_NAME)
    loaded[BLOCK_START_NAME] = BlockStart(tuple(values), tuple(values.values()), keys)
    try:
        yield instance
    finally:
        if around is None:
            del loaded[BLOCK_START_NAME]
        else:
            loaded[BLOCK_START_NAME] = around


def find_relation_changes(
    instance: models.Model, only: str | None = None
) -> Iterator[tuple[str, Change]]:
    """Yield the many-to-many fields that changed in the current block, as old and new keys.

    Args:
        instance: The instance.
        only: The name of the only relation to compare.
    """
    for name, old in _relations_of(instance).items():
        if only in (None, name):
            new = _read_keys(instance, name)
            if new != old:
                yield name, make_change(type(instance), name, (old, new))


def find_relation_start(instance: models.Model, name: str) -> Keys | None:
    """Return the keys of a relation at the start of the block, or ``None`` if not reported."""
    return _relations_of(instance).get(name)


def _relations_of(instance: models.Model) -> Mapping[str, Keys]:
    start: BlockStart | None = instance.__dict__.get(BLOCK_START_NAME)
    return {} if start is None else start.relations


def _checked_relations(instance: models.Model, relations: Iterable[str]) -> list[str]:
    names = list(relations)
    known = [field.name for field in instance._meta.many_to_many]
    for name in names:
        if name not in known:
            raise FieldDoesNotExist(
                f"{instance._meta.object_name} has no many-to-many field named {name!r}. Known "
                f"are {known}."
            )
    return names


def _read_keys(instance: models.Model, name: str) -> Keys:
    if instance.pk is None:
        return ()
    # Use a new queryset, since a prefetched result may be outdated.
    return tuple(getattr(instance, name).order_by("pk").values_list("pk", flat=True))
