"""Says in a sentence why a row of a file is refused or in conflict, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext

from .spelling import spell_day

__all__ = ["PlacedReason", "Saying", "tell_notes", "tell_problems", "tell_reasons", "tell_stored"]


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence, or a part of one, that is said in the language of whoever reads it.

    It is stored as its English text with the values apart. What earlier releases stored is one
    text, and is said as it is.
    """

    text: str
    """What translations know it by, with names in place of the values."""
    values: Mapping[str, "str | int | date | Saying"] = field(default_factory=dict)
    """The values by their names; one may be a saying again."""

    def __str__(self) -> str:
        # Without a text the catalogue would tell of itself.
        said = gettext(self.text) if self.text else ""
        if not self.values:
            return said
        return said % {name: _say_value(value) for name, value in self.values.items()}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, of which :meth:`from_json` makes it again."""
        values = {name: _write_value(value) for name, value in self.values.items()}
        return {"text": self.text, "values": values}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | str) -> "Saying":
        """Return what was stored: a saying, or the one text of an earlier release."""
        if isinstance(stored, str):
            return cls(stored)
        return cls(
            stored["text"], {name: _read_value(value) for name, value in stored["values"].items()}
        )


def _say_value(value: "str | int | date | Saying") -> str | int:
    if isinstance(value, date):
        return spell_day(value)
    return str(value) if isinstance(value, Saying) else value


def _write_value(value: "str | int | date | Saying") -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value.as_json() if isinstance(value, Saying) else value


def _read_value(value: Any) -> "str | int | date | Saying":
    if isinstance(value, dict):
        return date.fromisoformat(value["day"]) if "day" in value else Saying.from_json(value)
    read: str | int = value
    return read


class PlacedReason(NamedTuple):
    """What is wrong, and in which cell."""

    column: str
    """The column's letters; empty where the whole row is meant."""
    header: str
    """The column's header; empty where the whole row is meant."""
    saying: Saying
    """What is wrong, as the rest of a sentence."""

    @property
    def text(self) -> str:
        """The message with its place in the row."""
        if not self.column:
            return str(self.saying)
        return gettext("column %(letters)s (%(header)s): %(message)s") % {
            "letters": self.column,
            "header": self.header,
            "message": self.saying,
        }


def tell_reasons(
    number: int, problems: Sequence[PlacedReason], notes: Sequence[Saying] = ()
) -> str:
    """Return the reasons of a row as one sentence with row and columns.

    Args:
        number: The row's number in the spreadsheet.
        problems: Why it was not imported.
        notes: What is told where there is no problem.
    """
    if not problems:
        return " ".join(map(str, notes))
    values = {"number": number, "reasons": "; ".join(reason.text for reason in problems)}
    if problems[0].column:
        return gettext("Row %(number)d, %(reasons)s.") % values
    return gettext("Row %(number)d: %(reasons)s.") % values


def tell_stored(
    number: int, problems: Sequence[Mapping[str, Any]], notes: Sequence[Mapping[str, Any] | str]
) -> str:
    """Return the reasons of a stored row as one sentence; see :func:`tell_reasons`."""
    placed = [
        PlacedReason(one["column"], one["header"], Saying.from_json(one["message"]))
        for one in problems
    ]
    return tell_reasons(number, placed, [Saying.from_json(one) for one in notes])


def tell_problems(stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return stored problems, each with its message in words."""
    return [{**one, "message": str(Saying.from_json(one["message"]))} for one in stored]


def tell_notes(stored: Sequence[Mapping[str, Any] | str]) -> list[str]:
    """Return stored notes in words."""
    return [str(Saying.from_json(one)) for one in stored]
