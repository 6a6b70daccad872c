"""Explains in the reader's language why a row of a file is refused or in conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop

from .spelling import spell_day

__all__ = [
    "BY_AND",
    "Grouped",
    "PlacedReason",
    "Saying",
    "join_sayings",
    "quote_names",
    "read_refusal",
    "tell_notes",
    "tell_problems",
    "tell_reasons",
    "tell_stored",
]


class Grouped(int):
    """A number that is formatted with thousands separators, such as “5,000” or “5.000”."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence, or part of one, that is translated into the language of whoever reads it.

    It is stored as its English text, with the values apart. Earlier releases stored plain text,
    which is shown unchanged.
    """

    text: str
    """What translations know it by, with names in place of the values."""
    values: Mapping[str, "str | int | date | Decimal | Saying"] = field(default_factory=dict)
    """The values by their names; one may be a saying again."""

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        # gettext returns the header of the catalog for an empty string.
        said = gettext(self.text) if self.text else ""
        if not self.values:
            return said
        return said % {name: _say_value(value) for name, value in self.values.items()}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, from which :meth:`from_json` rebuilds it."""
        values = {name: _write_value(value) for name, value in self.values.items()}
        return {"text": self.text, "values": values}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | str) -> "Saying":
        """Return what was stored: a saying, or the plain text of an earlier release."""
        if isinstance(stored, str):
            return cls(stored)
        return cls(
            stored["text"], {name: _read_value(value) for name, value in stored["values"].items()}
        )


def _say_value(value: "str | int | date | Decimal | Saying") -> str | int:
    if isinstance(value, date):
        return spell_day(value)
    if isinstance(value, Grouped):
        return number_format(value, use_l10n=True, force_grouping=True)
    if isinstance(value, Decimal):
        return number_format(value, use_l10n=True)
    return str(value) if isinstance(value, Saying) else value


def _write_value(value: "str | int | date | Decimal | Saying") -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Grouped):
        return {"grouped": int(value)}
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    return value.as_json() if isinstance(value, Saying) else value


def _read_value(value: Any) -> "str | int | date | Decimal | Saying":
    if isinstance(value, dict) and "day" in value:
        return date.fromisoformat(value["day"])
    if isinstance(value, dict) and "amount" in value:
        return Decimal(value["amount"])
    if isinstance(value, dict):
        return Grouped(value["grouped"]) if "grouped" in value else Saying.from_json(value)
    read: str | int = value
    return read


def join_sayings(sayings: Sequence[Saying], text: str = "%(one)s %(other)s") -> Saying:
    """Join sayings into one.

    Args:
        sayings: At least one.
        text: How two are joined; also the msgid of the translation.
    """
    joined, *others = sayings
    for other in others:
        joined = Saying(text, {"one": joined, "other": other})
    return joined


BY_AND: Final = gettext_noop("%(one)s and %(other)s")
BY_COMMA: Final = "%(one)s, %(other)s"


def quote_names(names: Sequence[str], text: str = BY_COMMA) -> Saying:
    """Return names as one saying, each in the reader's quotation marks.

    Args:
        names: At least one.
        text: As in :func:`join_sayings`.
    """
    quoted = gettext_noop("“%(name)s”")
    return join_sayings([Saying(quoted, {"name": name}) for name in names], text)


def read_refusal(refusal: ValidationError) -> Saying:
    """Return the message of a refusal, so that it can be stored and shown in another language.

    Text that was translated eagerly stays in that language; lazy text does not.
    """
    errors = ValidationError([refusal]).error_list
    # With translation off, lazy text is its msgid.
    with translation.override(None):
        return join_sayings([_read_error(error) for error in errors])


def _read_error(error: ValidationError) -> Saying:
    params = error.params or {}
    return Saying(str(error.message), {name: _take_value(one) for name, one in params.items()})


def _take_value(value: Any) -> "str | int | date | Decimal | Saying":
    if isinstance(value, Promise):
        return Saying(str(value))
    is_kept = isinstance(value, str | int | date | Saying) and not isinstance(value, datetime)
    return value if is_kept else str(value)


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
        """The message with its position in the row."""
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
        notes: What to show if there is no problem.
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
    """Return stored problems, each with its message."""
    return [{**one, "message": str(Saying.from_json(one["message"]))} for one in stored]


def tell_notes(stored: Sequence[Mapping[str, Any] | str]) -> list[str]:
    """Return stored notes as messages."""
    return [str(Saying.from_json(one)) for one in stored]
