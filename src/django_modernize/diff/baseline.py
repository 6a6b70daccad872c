"""Baselines: the values that the database is known to hold for an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from enum import Enum
from typing import Any, ClassVar, Final, Self

from .outcomes import Outcome

__all__ = ["NOT_LOADED", "UNSAVED", "Baseline", "WrittenBaseline"]


class NotLoaded(Enum):
    """The type of :data:`NOT_LOADED`. Members of an enumeration survive copying and pickling."""

    NOT_LOADED = "not loaded"

    def __repr__(self) -> str:
        return "NOT_LOADED"


NOT_LOADED: Final = NotLoaded.NOT_LOADED
"""The old value of a field that was deferred and is not fetched to compare it."""


class Baseline:
    """The values that a row had when it was last loaded or written.

    A baseline is replaced rather than changed, so copies of an instance can share it. It does not
    reference the instance, so both are freed together. After a load it uses the row that Django
    received, without copying.

    Args:
        names: The attribute names of the known fields.
        row: Their values, in the same order.
        unread: The names of fields whose values have not been read yet and exist only in ``row``.
    """

    __slots__ = ("names", "row", "unread")

    absent: ClassVar[Any] = NOT_LOADED
    """The value of an unknown field."""

    was_created: bool = False
    """Whether the last save of the instance inserted the row."""

    outcome: Outcome | None = None
    """The outcome of the transaction that wrote the row, until it is known to be committed."""

    def __init__(
        self, names: Sequence[str], row: Sequence[Any], unread: Sequence[str] = ()
    ) -> None:
        self.names = names
        self.row = row
        self.unread = unread

    def __reduce__(self) -> tuple[type[Baseline], tuple[Any, ...]]:
        # psycopg returns binary columns as memoryview, which can be neither copied nor pickled.
        row = tuple(bytes(value) if type(value) is memoryview else value for value in self.row)
        return Baseline, (tuple(self.names), row, self.unread)

    def get(self, name: str) -> Any:
        """Return the value of an attribute, or :data:`NOT_LOADED` if it is unknown."""
        try:
            return self.row[self.names.index(name)]
        except ValueError:
            return self.absent

    def to_dict(self) -> dict[str, Any]:
        """Return the known values by attribute name."""
        return dict(zip(self.names, self.row, strict=True))

    def replace(self, values: Mapping[str, Any]) -> Self:
        """Return a baseline with some values added or replaced."""
        merged = {**self.to_dict(), **values}
        unread = tuple([name for name in self.unread if name not in values])
        return self._renew(tuple(merged), tuple(merged.values()), unread)

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return a baseline with values added that were read from the row."""
        return self.replace(values)

    def without_unread(self, name: str) -> Self:
        """Return the same baseline with one attribute no longer unread."""
        unread = tuple([other for other in self.unread if other != name])
        return self._renew(self.names, self.row, unread)

    def flatten(self) -> Baseline:
        """Return the baseline with one previous state for each savepoint still open."""
        return self

    def _renew(self, names: Sequence[str], row: Sequence[Any], unread: Sequence[str]) -> Self:
        return type(self)(names, row, unread)


class UnsavedBaseline(Baseline):
    """The baseline of an instance without a row, in which every field is ``None``."""

    __slots__ = ()

    absent = None

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return the baseline itself: a row that did not exist had no values."""
        return self


UNSAVED: Final = UnsavedBaseline((), ())
"""The baseline that all instances without a row share."""


class WrittenBaseline(Baseline):
    """The baseline of a row that the instance wrote, perhaps in a transaction still open.

    Args:
        names: As for :class:`Baseline`.
        row: As for :class:`Baseline`.
        unread: As for :class:`Baseline`.
        was_created: Whether the row was inserted.
        outcome: The outcome of the transaction, or ``None`` if the write is permanent.
        former: The baseline that applies again if the transaction is rolled back.
        written: The names of the attributes that the transaction wrote.
    """

    __slots__ = ("former", "outcome", "was_created", "written")

    def __init__(
        self,
        names: Sequence[str],
        row: Sequence[Any],
        unread: Sequence[str] = (),
        *,
        was_created: bool,
        outcome: Outcome | None = None,
        former: Baseline = UNSAVED,
        written: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(names, row, unread)
        self.was_created = was_created
        self.written = written
        self.outcome = outcome
        self.former = former

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # A copied outcome would not be updated when the transaction ends.
        names, row, unread = Baseline.__reduce__(self)[1]
        return type(self)(
            names,
            deepcopy(row, memo),
            unread,
            was_created=self.was_created,
            outcome=self.outcome,
            former=self.former if self.former is UNSAVED else deepcopy(self.former, memo),
            written=self.written,
        )

    def learn(self, values: Mapping[str, Any]) -> Baseline:
        """Return a baseline with values that were read. Unwritten ones survive a rollback."""
        renewed = self.replace(values)
        kept = {name: value for name, value in values.items() if name not in self.written}
        return renewed._renew(renewed.names, renewed.row, renewed.unread, self.former.learn(kept))

    def settle(self) -> Baseline:
        """Return the baseline that is left after the transaction is committed."""
        if not self.was_created:
            return Baseline(self.names, self.row, self.unread)
        return WrittenBaseline(self.names, self.row, self.unread, was_created=True)

    def flatten(self) -> Baseline:
        """See :meth:`Baseline.flatten`."""
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
            self.unread,
            was_created=self.was_created,
            outcome=open_outcome,
            former=former,
            written=written,
        )

    def _shares(self, outcome: Outcome) -> bool:
        return self.outcome is not None and self.outcome.find_open() is outcome

    def _renew(
        self,
        names: Sequence[str],
        row: Sequence[Any],
        unread: Sequence[str],
        former: Baseline | None = None,
    ) -> Self:
        return type(self)(
            names,
            row,
            unread,
            was_created=self.was_created,
            outcome=self.outcome,
            former=former or self.former,
            written=self.written,
        )
