"""The doctor's findings: a rule, where it is broken, and what to do."""

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
    """The severity of a finding."""

    INFO = 20
    """Becomes a problem with the next step."""

    WARNING = 30
    """Leads to surprising behavior."""

    ERROR = 40
    """Loses or leaks data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """The edits of a file that fix a symptom, and the imports that they need."""

    path: Path
    edits: tuple[Edit, ...]
    imports: tuple[str, ...] = ()
    """Whole statements, such as ``from django.conf import settings``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """A place where a rule is broken."""

    subject: str
    """The model, field or function, such as ``bookings.Booking.photo``."""

    message: str
    """What is wrong, in a sentence."""

    fix: str
    """What to write instead, as code if possible."""

    place: Place

    repair: Repair | None = None
    """The repair, if it can be made automatically."""

    level: Level | None = None
    """The severity of this symptom, if lower than that of the rule."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A habit that causes problems sooner or later."""

    id: str
    """The id, such as ``W403``, which silences the rule and follows ``modernize.`` in checks."""

    title: str
    """The habit in a few words."""

    reason: str
    """Why it causes problems."""

    level: Level

    examine: Callable[[Project], Iterable[Symptom]]
    """Yields each place in a project where the rule is broken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A symptom with the rule that it breaks."""

    rule: Rule
    symptom: Symptom

    @property
    def level(self) -> Level:
        """The severity of the finding."""
        return self.symptom.level or self.rule.level

    @property
    def check_id(self) -> str:
        """The id for ``SILENCED_SYSTEM_CHECKS``."""
        return f"modernize.{self.rule.id}"

    @property
    def silencer(self) -> str:
        """What to write to silence this finding, or all findings of its rule."""
        return (
            f"# {SILENCE_MARK} {self.rule.id}  (on that line), or "
            f'SILENCED_SYSTEM_CHECKS = ["{self.check_id}"]'
        )
