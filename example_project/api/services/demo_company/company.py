"""What the parts of the demo share."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from api.models import Property

from .people import People

__all__ = ["Company"]

SEED: Final = 20


@dataclass(kw_only=True, slots=True)
class Company:
    """The day, the people and the houses that everything is made around."""

    today: date
    days: int
    people: People
    dice: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - made-up data
    houses: list[Property] = field(default_factory=list)

    @property
    def sold(self) -> Property:
        """The house that is given up in the end, and all that belongs to it with it."""
        return self.houses[-1]
