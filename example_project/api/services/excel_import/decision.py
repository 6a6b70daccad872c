"""What is to be done about one row of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from api.models.import_plan import MatchKind
from api.models.imports import RowOutcome

from .houses import House
from .report import Problem
from .rows import BookingRow, RefusedRow
from .stays import Stay

__all__ = ["Decision"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""One for all: a large file has a decision for each of its rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is to be done about one row."""

    row: BookingRow | RefusedRow
    """The row."""
    outcome: RowOutcome
    """What becomes of it."""
    house: House | None = None
    """The house, where its label means one."""
    stay: Stay | None = None
    """The stay that it makes, speaks of or collides with."""
    problems: Sequence[Problem] = ()
    """Why it is refused or in conflict."""
    notes: Sequence[str] = ()
    """What a person should look at all the same."""
    changes: Mapping[str, tuple[str, str]] = field(default_factory=lambda: NOTHING)
    """What differs between booking and file."""
    match: MatchKind = MatchKind.NONE
    """How the stay was found."""
    sureness: int = 0
    """How sure it is that the stay is the row's, from 0 to 100."""
    encoding_changes: Mapping[str, tuple[str, str]] = field(default_factory=lambda: NOTHING)
    """What differs by a broken encoding alone."""
    amendment: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """What a person takes over from the file, by the booking's fields."""

    def leave(self, *notes: str) -> "Decision":
        """Return the same decision where a person leaves the row: it says what differs."""
        return replace(
            self, outcome=RowOutcome.SKIPPED, problems=(), notes=(*self.notes, *notes), amendment={}
        )
