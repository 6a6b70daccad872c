"""Parse a text history: a JSON list of sentences like ``<time>: <who> changed <what> from ...``.

Values were never escaped, so a sentence may be ambiguous: all interpretations are returned.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

__all__ = ["HistoryLine", "parse_line", "read_entries", "render_entries"]

VERBS: Final = (
    "activated|added|approved|archived|assigned|changed|completed|created|deactivated|deleted|"
    "marked|moved|muted|rejected|removed|renamed|set|unmuted|updated|uploaded"
)

SENTENCE: Final = re.compile(rf"(?P<who>.+?) (?P<phrase>(?:{VERBS}) .+)", re.DOTALL)

CHANGE: Final = re.compile(r"(?:changed|updated) (?P<label>.+?) from (?P<values>.+)", re.DOTALL)

BETWEEN: Final = " to "

JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """A sentence of a history, as far as it could be parsed."""

    raw: str
    at: datetime | None = None
    who: str = ""
    phrase: str = ""
    """What was done, such as ``created task``. Empty if the text is not such a sentence."""

    label: str = ""
    """What was changed, as written in the history. Empty if no value changed."""

    values: tuple[tuple[str, str], ...] = ()
    """The old and new value for each interpretation of the sentence."""


def read_entries(text: str | None) -> list[str]:
    """Return the sentences of a history, or the complete ones if it is damaged."""
    try:
        entries = json.loads(text or "")
    except (ValueError, RecursionError):
        return list(_rescue_entries(text or ""))
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, str)]


def render_entries(entries: Sequence[str]) -> str:
    """Return the text of a history, as written by ``json.dumps()``."""
    return json.dumps(list(entries))


def parse_line(raw: str) -> HistoryLine:
    """Return the parsed sentence."""
    moment, colon, rest = raw.partition(": ")
    at = _parse_moment(moment)
    if not colon or at is None:
        return HistoryLine(raw=raw)
    sentence = SENTENCE.fullmatch(rest)
    if sentence is None or not _is_storable(raw):
        return HistoryLine(raw=raw, at=at)
    who, phrase = sentence["who"], sentence["phrase"]
    change = CHANGE.fullmatch(phrase)
    if change is None:
        return HistoryLine(raw=raw, at=at, who=who, phrase=phrase)
    return HistoryLine(
        raw=raw,
        at=at,
        who=who,
        phrase=phrase,
        label=change["label"],
        values=tuple(_split_values(change["values"])),
    )


def _rescue_entries(text: str) -> Iterator[str]:
    if not text.lstrip().startswith("["):
        return
    for found in JSON_STRING.finditer(text):
        with suppress(ValueError):
            yield json.loads(found[0], strict=False)


def _parse_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None


def _is_storable(text: str) -> bool:
    """Return whether a database can store a part of the text outside of JSON."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _split_values(text: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(BETWEEN, text):
        old, new = text[: found.start()], text[found.end() :]
        if _is_whole(old) and _is_whole(new):
            yield _unquote(old), _unquote(new)


def _is_whole(value: str) -> bool:
    """Return whether a value is quoted on both sides or not at all."""
    if len(value) == 1:
        return value != "'"
    return value.startswith("'") == value.endswith("'")


def _unquote(value: str) -> str:
    return value[1:-1] if value.startswith("'") else value
