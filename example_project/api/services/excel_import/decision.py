"""What to do about one row of a file."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from api.models.import_plan import MatchKind
from api.models.import_reasons import Saying
from api.models.imports import RowOutcome

from .houses import House
from .report import Problem
from .rows import BookingRow, RefusedRow
from .stays import Stay

__all__ = ["Decision"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""One for all: a large file has a decision for each of its rows."""


class Decision(NamedTuple):
    """What to do about one row; a tuple, like the row."""

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
    notes: Sequence[Saying] = ()
    """What a person should look at all the same."""
    changes: Mapping[str, tuple[str, str]] = NOTHING
    """What differs between booking and file."""
    match: MatchKind = MatchKind.NONE
    """How the stay was found."""
    sureness: int = 0
    """How sure it is that the stay is the row's, from 0 to 100."""
    encoding_changes: Mapping[str, tuple[str, str]] = NOTHING
    """What differs by a broken encoding alone."""
    amendment: Mapping[str, Any] = NOTHING
    """What a person takes over from the file, by the booking's fields."""

    def leave(self, *notes: Saying) -> "Decision":
        """Return the same decision where a person leaves the row: it says what differs."""
        return self._replace(
            outcome=RowOutcome.SKIPPED, problems=(), notes=(*self.notes, *notes), amendment={}
        )
