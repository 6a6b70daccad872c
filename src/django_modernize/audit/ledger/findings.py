"""The findings of a verification of the trail."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["Finding", "Problem", "VerificationReport"]

FINDINGS_KEPT = 1_000


class Problem(StrEnum):
    """The kind of a problem."""

    EDITED = "edited"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    SEAL_EDITED = "seal edited"
    SEAL_REMOVED = "seal removed"
    SEAL_UNSIGNED = "seal not signed"
    SEAL_DIFFERS = "seal differs from the export"
    TRIGGER = "trigger"
    PARTITION = "partition"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it was sealed."""

    problem: Problem
    detail: str
    """A sentence for people."""

    event_id: int | None = None
    seal_number: int | None = None


@dataclass(kw_only=True, slots=True)
class VerificationReport:
    """What a verification examined, and what it found."""

    seal_count: int = 0
    event_count: int = 0
    """The number of sealed events examined."""

    pruned_count: int = 0
    """The sealed events that were removed on purpose, by ``prune()``."""

    last_pruned_id: int = 0
    """The number of the last of them."""

    last_id: int = 0
    """The number of the last sealed event."""

    unsealed_count: int = 0
    """The events after the last seal, which cannot be verified yet."""

    oldest_unsealed: datetime | None = None
    problem_count: int = 0
    findings: list[Finding] = field(default_factory=list)
    """The first thousand problems."""

    @property
    def is_sound(self) -> bool:
        """Whether every sealed event is as it was sealed."""
        return not self.problem_count

    def add(self, finding: Finding) -> None:
        """Count a problem, and store it unless there are too many."""
        self.problem_count += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(finding)
