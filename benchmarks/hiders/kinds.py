"""How each peer brings a row back, and what it stores beside the row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from safedelete import SOFT_DELETE_CASCADE
from softdelete.models import ChangeSet, SoftDeleteRecord

from .models import RecordedHouse, RecordedPile, SafeHouse, SafePile

__all__ = ["KINDS", "HiderKind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HiderKind:
    """One way to hide rows."""

    name: str
    parent: type[models.Model]
    pile: type[models.Model]
    restore: Callable[[Any], object]
    tables: tuple[str, ...] = ()
    """What is to be emptied with the rows."""


def undelete_safe(row: Any) -> None:
    row.undelete(force_policy=SOFT_DELETE_CASCADE)


def undelete_recorded(row: Any) -> None:
    row.undelete()


KINDS = (
    HiderKind(name="django-safedelete", parent=SafeHouse, pile=SafePile, restore=undelete_safe),
    HiderKind(
        name="django-softdelete",
        parent=RecordedHouse,
        pile=RecordedPile,
        restore=undelete_recorded,
        tables=(SoftDeleteRecord._meta.db_table, ChangeSet._meta.db_table),
    ),
)
