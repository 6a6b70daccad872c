"""Titles and descriptions with placeholders, in a closed language that only reads named values.

``str.format()`` can access attributes of its arguments, down to a project's secrets, and can
produce megabytes from a few characters. Django's templates can access other rows and loop. Here a
text is split once into literals and allowed names.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from .exceptions import TextInvalid
from .kinds import Kind
from .subjects import Subject, SubjectField

__all__ = ["FILTERS", "CompiledText", "Placeholder", "compile_text", "is_readable"]

MAX_LENGTH: Final = 10_000
TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
PLACEHOLDER: Final = re.compile(r"(\w+)((?:\|\w+)*)")

FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "first_word": lambda text: text.split(maxsplit=1)[0] if text.split() else "",
}
"""The filters that can be applied to a value after its conversion to text."""

FORMATS: Final = {"date": "SHORT_DATE_FORMAT", "long_date": "DATE_FORMAT", "time": "TIME_FORMAT"}
"""The formats for a day or an instant. Days default to ``date``."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A named value and its format or filters."""

    field: SubjectField
    filters: tuple[str, ...]

    def render(self, value: Any, zone: ZoneInfo) -> str:
        """Return the formatted value, or an empty string if there is none."""
        if value is None:
            return ""
        chosen = [name for name in self.filters if name in FORMATS]
        text = _describe_value(self.field, value, zone, chosen[-1] if chosen else "")
        for name in self.filters:
            text = FILTERS[name](text) if name in FILTERS else text
        return text


@dataclass(frozen=True, slots=True)
class CompiledText:
    """A text, split into literals and placeholders."""

    parts: tuple[str | Placeholder, ...]

    @property
    def fields(self) -> tuple[SubjectField, ...]:
        """The fields whose values it needs."""
        return tuple(part.field for part in self.parts if isinstance(part, Placeholder))

    def render(self, values: Mapping[str, Any], zone: ZoneInfo) -> str:
        """Return the text for one subject.

        Args:
            values: Maps field names to values.
            zone: The time zone for instants.
        """
        return "".join(
            part if isinstance(part, str) else part.render(values[part.field.name], zone)
            for part in self.parts
        )


def compile_text(source: str, subject: Subject) -> CompiledText:
    """Return a text ready to be rendered.

    Args:
        source: The text, such as ``Clean before {check_in|date}``. ``{{`` is a literal brace.
        subject: The subject whose fields it may use.

    Raises:
        TextInvalid: It uses a name that it may not use, or its braces do not match.
    """
    if len(source) > MAX_LENGTH:
        raise TextInvalid(_("The text is longer than %d characters.") % MAX_LENGTH)
    return CompiledText(tuple(_merge_texts(_split_text(source, subject))))


def is_readable(field: SubjectField) -> bool:
    """Return whether a text may use a field. Keys are excluded, since they are not readable."""
    return field.kind not in (Kind.KEY, Kind.KEYS)


def _split_text(source: str, subject: Subject) -> Iterable[str | Placeholder]:
    position = 0
    for token in TOKEN.finditer(source):
        yield source[position : token.start()]
        position = token.end()
        if token[0] in ("{{", "}}"):
            yield token[0][0]
        elif token[1] is None:
            problem = _("A brace stands alone at character %d: for one write two.")
            raise TextInvalid(problem % (token.start() + 1))
        else:
            yield _parse_placeholder(token[1], subject)
    yield source[position:]


def _parse_placeholder(content: str, subject: Subject) -> Placeholder:
    match = PLACEHOLDER.fullmatch(content.strip())
    name = match[1] if match else content.strip()
    shown = {one.name: one for one in subject.fields.values() if is_readable(one)}
    if match is None or name not in shown:
        problem = _("{%(name)s} is none of: %(names)s.")
        raise TextInvalid(problem % {"name": name[:40], "names": ", ".join(sorted(shown))})
    filters = tuple(filter(None, match[2].split("|")))
    known = [*FILTERS, *FORMATS]
    if unknown := [one for one in filters if one not in known]:
        problem = _("|%(name)s is none of: %(names)s.")
        raise TextInvalid(problem % {"name": unknown[0][:40], "names": ", ".join(sorted(known))})
    return Placeholder(shown[name], filters)


def _merge_texts(parts: Iterable[str | Placeholder]) -> Iterable[str | Placeholder]:
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        yield part
        text = ""
    if text:
        yield text


def _describe_value(field: SubjectField, value: Any, zone: ZoneInfo, style: str) -> str:
    if isinstance(value, datetime.datetime):
        value = value.astimezone(zone)
        default = "SHORT_DATETIME_FORMAT"
    else:
        default = "SHORT_DATE_FORMAT"
    if isinstance(value, datetime.date):
        name = FORMATS.get(style, default)
        if name == "TIME_FORMAT" and not isinstance(value, datetime.datetime):
            return ""
        return str(formats.date_format(value, name))
    return str(field.choices.get(value, value))
