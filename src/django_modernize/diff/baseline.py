"""What the database is known to hold for one instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Final, Self

__all__ = ["NOT_LOADED", "UNSAVED", "Baseline", "WrittenBaseline"]


class NotLoaded(Enum):
    """The type of :data:`NOT_LOADED`; an enumeration, since its members survive copy and pickle."""

    NOT_LOADED = "not loaded"

    def __repr__(self) -> str:
        return "NOT_LOADED"


NOT_LOADED: Final = NotLoaded.NOT_LOADED
"""Stands for the old value of a field that was deferred, which no query was spent on."""


class Baseline:
    """The values that one row had when it was last loaded or written.

    It is never changed, only replaced, so that copies of an instance can share it; and it knows
    nothing of the instance, so that both are freed at once. A loaded one refers to the row that
    Django was given and copies nothing.

    Args:
        names: The attribute names of the known fields.
        row: Their values, in the same order.
    """

    __slots__ = ("names", "row")

    absent: ClassVar[Any] = NOT_LOADED
    """The value of a field that is not among the known ones."""

    before: Baseline | None = None
    """What ``diff`` compares with while receivers of ``post_save`` run; else it is ``None``."""

    def __init__(self, names: Sequence[str], row: Sequence[Any]) -> None:
        self.names = names
        self.row = row

    def __reduce__(self) -> tuple[type[Baseline], tuple[Any, ...]]:
        # memoryview, as psycopg gives for binary columns, can be neither copied nor pickled.
        row = tuple(bytes(value) if type(value) is memoryview else value for value in self.row)
        return Baseline, (tuple(self.names), row)

    def get(self, name: str) -> Any:
        """Return the value of one attribute, :data:`NOT_LOADED` where it is not known."""
        try:
            return self.row[self.names.index(name)]
        except ValueError:
            return self.absent

    def to_dict(self) -> dict[str, Any]:
        """Return the known values by attribute name."""
        return dict(zip(self.names, self.row, strict=True))

    def replace(self, values: Mapping[str, Any]) -> Self:
        """Return a baseline with some values more, or others."""
        merged = {**self.to_dict(), **values}
        return self._renew(tuple(merged), tuple(merged.values()))

    def settle(self) -> Baseline:
        """Return the baseline as it stands when a save is over."""
        return self if self.before is None else Baseline(self.names, self.row)

    def _renew(self, names: Sequence[str], row: Sequence[Any]) -> Self:
        return type(self)(names, row)


class UnsavedBaseline(Baseline):
    """The baseline of an instance without a row: every field had no value."""

    __slots__ = ()

    absent = None


class WrittenBaseline(Baseline):
    """The baseline of a row that is written while its ``save()`` still runs.

    Args:
        names: As for :class:`Baseline`.
        row: As for :class:`Baseline`.
        before: The baseline from before the save.
    """

    __slots__ = ("before",)

    before: Baseline

    def __init__(self, names: Sequence[str], row: Sequence[Any], before: Baseline) -> None:
        super().__init__(names, row)
        self.before = before

    def _renew(self, names: Sequence[str], row: Sequence[Any]) -> Self:
        return type(self)(names, row, self.before)


UNSAVED: Final = UnsavedBaseline((), ())
"""The one baseline of all instances without a row."""
