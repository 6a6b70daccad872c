"""What an import did, or would do, row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.models.import_reasons import PlacedReason, Saying, tell_reasons
from api.models.imports import RowOutcome

__all__ = ["ImportReport", "Problem", "ReportRow", "Timings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with a cell, or what it contradicts."""

    code: str
    """A stable word for the kind of problem."""
    column: str
    """The column's letters; empty where the whole row is meant."""
    header: str
    """The column's header; empty where the whole row is meant."""
    saying: Saying
    """What is wrong, as the rest of a sentence."""

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language."""
        return str(self.saying)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, of which :meth:`from_json` makes it again."""
        return {
            "code": self.code,
            "column": self.column,
            "header": self.header,
            "message": self.saying.as_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Problem":
        """Return the problem that was stored."""
        places = {name: stored[name] for name in ("code", "column", "header")}
        return cls(**places, saying=Saying.from_json(stored["message"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRow:
    """What happened to one row of the file."""

    number: int
    """The row's number in the spreadsheet."""
    outcome: RowOutcome
    """What became of it."""
    code: str
    """The confirmation code, if it has one."""
    guest_name: str
    """The guest."""
    property_label: str
    """The file's name of the house."""
    booking_id: int | None = None
    """The booking that was created, updated, confirmed or contradicted."""
    problems: Sequence[Problem] = ()
    """Why it was refused or is in conflict."""
    notes: Sequence[Saying] = ()
    """What a person should look at all the same."""
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Field to old and new value: what was updated, or what differs."""

    @property
    def reason(self) -> str:
        """Why, in one sentence with row and column; the notes where nothing is wrong."""
        placed = [PlacedReason(one.column, one.header, one.saying) for one in self.problems]
        return tell_reasons(self.number, placed, self.notes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timings:
    """How long the parts of an import took, in milliseconds."""

    read_ms: float
    """Reading the file and its cells."""
    check_ms: float
    """Comparing the rows with what is stored, and with one another."""
    write_ms: float
    """Writing the decisions."""
    tasks_ms: float
    """Running the rules for tasks, and writing what they ask for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What an import did, or would do."""

    file_name: str
    """The name of the file as it was given."""
    sheet: str
    """The sheet that was read."""
    dry_run: bool
    """Whether nothing was written."""
    rows: Sequence[ReportRow]
    """Every row of the file that holds something, in its order."""
    properties_created: Sequence[str]
    """The names of the houses that the import made."""
    tasks_created: int
    """How many cleaning tasks were made."""
    timings: Timings
    """How long the parts took."""
    request_id: UUID
    """What ties the audit events of this import together."""
    log_id: int | None = None
    """The stored log of the import; none for a dry run."""

    @property
    def counts(self) -> Mapping[RowOutcome, int]:
        """How many rows had each outcome; every outcome is there."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in RowOutcome}
