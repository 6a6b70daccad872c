"""What the database is known to hold for one instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from enum import Enum
from typing import Any, ClassVar, Final, Self

from .outcomes import Outcome

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

    was_created: bool = False
    """Whether the row was inserted by the last save of the instance."""

    outcome: Outcome | None = None
    """What becomes of the transaction that wrote the row, while that is not known to be kept."""

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

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return a baseline with values that were read from the row."""
        return self.replace(values)

    def holds(self, name: str, value: Any) -> bool:
        """Tell whether the very object is what is known of an attribute."""
        return self.get(name) is value

    def freeze(self, name: str, value: Any, frozen: Any) -> Self:
        """Return a baseline that holds a copy in place of the very object that may now change."""
        if not Baseline.holds(self, name, value):
            return self
        row = list(self.row)
        row[self.names.index(name)] = frozen
        return self._renew(self.names, tuple(row))

    def flatten(self) -> Baseline:
        """Return the baseline with one step back for each savepoint that can still be undone."""
        return self

    def _renew(self, names: Sequence[str], row: Sequence[Any]) -> Self:
        return type(self)(names, row)


class UnsavedBaseline(Baseline):
    """The baseline of an instance without a row: every field had no value."""

    __slots__ = ()

    absent = None

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return the same: a row that was not there had no values."""
        return self


UNSAVED: Final = UnsavedBaseline((), ())
"""The one baseline of all instances without a row."""


class WrittenBaseline(Baseline):
    """The baseline of a row that the instance wrote, perhaps in a transaction that still runs.

    Args:
        names: As for :class:`Baseline`.
        row: As for :class:`Baseline`.
        was_created: Whether the row was inserted.
        outcome: What becomes of the transaction; ``None`` where the row is there to stay.
        former: What the row holds should the transaction be rolled back.
        written: The names of the attributes that the transaction wrote.
    """

    __slots__ = ("former", "outcome", "was_created", "written")

    def __init__(
        self,
        names: Sequence[str],
        row: Sequence[Any],
        *,
        was_created: bool = False,
        outcome: Outcome | None = None,
        former: Baseline = UNSAVED,
        written: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(names, row)
        self.was_created = was_created
        self.written = written
        self.outcome = outcome
        self.former = former

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Nobody changes a copy of the outcome when the transaction ends.
        names, row = Baseline.__reduce__(self)[1]
        return type(self)(
            names,
            deepcopy(row, memo),
            was_created=self.was_created,
            outcome=self.outcome,
            former=self.former if self.former is UNSAVED else deepcopy(self.former, memo),
            written=self.written,
        )

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return a baseline with values that were read; those not written stay in any case."""
        renewed = self.replace(values)
        kept = {name: value for name, value in values.items() if name not in self.written}
        return renewed._renew(renewed.names, renewed.row, self.former.learn(kept))

    def holds(self, name: str, value: Any) -> bool:
        """Tell whether the very object is what is known, or may come back."""
        return super().holds(name, value) or self.former.holds(name, value)

    def freeze(self, name: str, value: Any, frozen: Any) -> Self:
        """Do what :meth:`Baseline.freeze` does, also to what may come back."""
        renewed = super().freeze(name, value, frozen)
        former = self.former.freeze(name, value, frozen)
        if former is self.former:
            return renewed
        return renewed._renew(renewed.names, renewed.row, former)

    def settle(self) -> Baseline:
        """Return the baseline as it stands once its transaction is kept."""
        if not self.was_created:
            return Baseline(self.names, self.row)
        return WrittenBaseline(self.names, self.row, was_created=True)

    def flatten(self) -> Baseline:
        """Do what :meth:`Baseline.flatten` does."""
        if self.outcome is None:
            return self
        open_outcome, former, written = self.outcome.find_open(), self.former, self.written
        while isinstance(former, WrittenBaseline) and former._shares(open_outcome):
            written |= former.written
            former = former.former
        if former is self.former and open_outcome is self.outcome:
            return self
        return type(self)(
            self.names,
            self.row,
            was_created=self.was_created,
            outcome=open_outcome,
            former=former,
            written=written,
        )

    def _shares(self, outcome: Outcome) -> bool:
        return self.outcome is not None and self.outcome.find_open() is outcome

    def _renew(
        self, names: Sequence[str], row: Sequence[Any], former: Baseline | None = None
    ) -> Self:
        return type(self)(
            names,
            row,
            was_created=self.was_created,
            outcome=self.outcome,
            former=former or self.former,
            written=self.written,
        )
