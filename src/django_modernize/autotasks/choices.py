"""The labels of values: the choices of a field, or the rows that a key can reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .kinds import Kind
from .subjects import SubjectField

__all__ = ["ChoiceNames", "find_choices"]

MAX_ROWS: Final = 500
"""With more rows than this, keys are typed instead of chosen."""


def find_choices(field: SubjectField) -> Mapping[Any, str]:
    """Return values with their labels. Costs one query for a key and none otherwise."""
    if field.kind not in (Kind.KEY, Kind.KEYS) or field.related is None:
        return {value: str(label) for value, label in field.choices.items()}
    rows = field.related._default_manager.all()[: MAX_ROWS + 1]
    found = {row.pk: str(row) for row in rows}
    return found if len(found) <= MAX_ROWS else {}


class ChoiceNames:
    """A cache of the choices of fields, created for each page."""

    def __init__(self) -> None:
        self._found: dict[str, Mapping[Any, str]] = {}

    def find(self, field: SubjectField) -> Mapping[Any, str]:
        """Return the values of a field with their labels."""
        if field.name not in self._found:
            self._found[field.name] = find_choices(field)
        return self._found[field.name]
