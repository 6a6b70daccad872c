"""What people may choose for a value: the choices of a field, or the rows that a key leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..kinds import Kind
from ..subjects import SubjectField

__all__ = ["find_choices"]

MAX_ROWS: Final = 500
"""More rows than that are no choice; their keys can be typed."""


def find_choices(field: SubjectField) -> Mapping[Any, str]:
    """Return values with their labels; costs a query for a key, none otherwise."""
    if field.kind is not Kind.KEY or field.related is None:
        return {value: str(label) for value, label in field.choices.items()}
    rows = field.related._default_manager.all()[: MAX_ROWS + 1]
    found = {row.pk: str(row) for row in rows}
    return found if len(found) <= MAX_ROWS else {}
