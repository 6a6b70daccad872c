"""The messages about conflicts, and which rows they may name."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import localize
from django.utils.module_loading import import_string
from django.utils.text import Truncator

from ..conf import get_settings

if TYPE_CHECKING:
    from .no_overlap import NoOverlap

__all__ = ["RowText", "describe_bound", "describe_overlap", "is_visible"]

ROW_MAX_LENGTH = 100


class RowText:
    """The text of a row, evaluated lazily when the message is shown, since it may cost a query."""

    def __init__(self, row: Model) -> None:
        self._row = row

    def __str__(self) -> str:
        return Truncator(str(self._row)).chars(ROW_MAX_LENGTH)


def describe_overlap(constraint: NoOverlap, other: Model) -> dict[str, Any]:
    """Return the message parameters that describe the conflicting row."""
    return {
        "model": other._meta.verbose_name,
        "other": RowText(other),
        "start": describe_bound(getattr(other, constraint.start)),
        "end": describe_bound(getattr(other, constraint.end)),
    }


def describe_bound(value: date | int) -> str:
    """Return one end of a range, formatted for the active language and time zone."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return str(localize(value))


def is_visible(row: Model) -> bool:
    """Return whether a message may name a row to the current actor."""
    path = get_settings().conflict_visibility
    return not path or bool(import_string(path)(row))
