"""Revert the stamps of instances whose write failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import models

from .fields import find_stamps

__all__ = ["undone_on_failure"]


@contextmanager
def undone_on_failure(instances: Sequence[models.Model]) -> Iterator[None]:
    """Restore the previous stamps of the instances if the block raises.

    Otherwise the next attempt would treat the stamps of the failed one as values given explicitly.

    Args:
        instances: Instances of one model.
    """
    former = [_read_stamps(instance) for instance in instances]
    try:
        yield
    except BaseException:
        for instance, values in zip(instances, former, strict=True):
            _restore_stamps(instance, values)
        raise


def _read_stamps(instance: models.Model) -> dict[str, Any]:
    loaded = instance.__dict__
    return {
        stamp.attname: loaded[stamp.attname]
        for stamp in find_stamps(type(instance))
        if stamp.attname in loaded
    }


def _restore_stamps(instance: models.Model, values: dict[str, Any]) -> None:
    for stamp in find_stamps(type(instance)):
        instance.__dict__.pop(stamp.attname, None)
    instance.__dict__.update(values)
