"""What the doctor says: a rule, where it was broken, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from ..codemods.edits import Edit
from .projects import Project
from .sources import SILENCE_MARK, Place

__all__ = ["Finding", "Level", "Repair", "Rule", "Symptom"]


class Level(IntEnum):
    """How much a finding hurts."""

    INFO = 20
    """Becomes a problem with the next step."""

    WARNING = 30
    """Surprises somebody."""

    ERROR = 40
    """Loses data, or leaks it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """The edits of one file that end a symptom, and the imports that they need."""

    path: Path
    edits: tuple[Edit, ...]
    imports: tuple[str, ...] = ()
    """Whole statements, such as ``from django.conf import settings``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """One place where a rule is broken."""

    subject: str
    """The model, field or function, as ``bookings.Booking.photo``."""

    message: str
    """What is wrong, in a sentence."""

    fix: str
    """What to write, as code where that is possible."""

    place: Place

    repair: Repair | None = None
    """How to write it, where that needs no judgement."""

    level: Level | None = None
    """How much this one hurts, if less than the rule says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A habit that hurts sooner or later."""

    id: str
    """As in ``W403``: what silences it, and the id of the system check after ``modernize.``."""

    title: str
    """The habit in a few words."""

    reason: str
    """Why it hurts."""

    level: Level

    examine: Callable[[Project], Iterable[Symptom]]
    """Yields each place in a project where the rule is broken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A symptom, with the rule that it breaks."""

    rule: Rule
    symptom: Symptom

    @property
    def level(self) -> Level:
        """How much it hurts."""
        return self.symptom.level or self.rule.level

    @property
    def check_id(self) -> str:
        """The id for ``SILENCED_SYSTEM_CHECKS``."""
        return f"modernize.{self.rule.id}"

    @property
    def silencer(self) -> str:
        """What to write to silence this one, or all of its kind."""
        return (
            f"# {SILENCE_MARK} {self.rule.id}  (on that line), or "
            f'SILENCED_SYSTEM_CHECKS = ["{self.check_id}"]'
        )
