"""The words of the schedule and their meaning: statuses, sources, labels and names."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from api.models.booking import BookingSource, BookingStatus

__all__ = [
    "PLATFORMS",
    "derive_source",
    "label_key",
    "match_source",
    "match_status",
    "name_key",
    "repair_encoding",
    "strip_code_words",
]

STATUSES: Final[Mapping[str, BookingStatus]] = {
    "": BookingStatus.BOOKED,
    "booked": BookingStatus.BOOKED,
    "confirmed": BookingStatus.CONFIRMED,
    "currently hosting": BookingStatus.CURRENTLY_HOSTING,
    "current stay": BookingStatus.CURRENTLY_HOSTING,
    "checking out today": BookingStatus.CURRENTLY_HOSTING,
    "owner staying": BookingStatus.OWNER_STAYING,
    "completed": BookingStatus.COMPLETED,
    "past guest": BookingStatus.COMPLETED,
    "post-stay": BookingStatus.COMPLETED,
    "awaiting guest review": BookingStatus.COMPLETED,
    "review guest": BookingStatus.COMPLETED,
}
STATUS_BEGINNINGS: Final[Mapping[str, BookingStatus]] = {
    "arriving": BookingStatus.CONFIRMED,
    "cancel": BookingStatus.CANCELLED,
}

SOURCES: Final[Mapping[str, str]] = {
    "airbnb": BookingSource.AIRBNB,
    "vrbo": BookingSource.VRBO,
    "directly": BookingSource.DIRECT,
    "direct": BookingSource.DIRECT,
    "owner staying": BookingSource.OWNER,
    "owner": BookingSource.OWNER,
}
CODE_BEGINNINGS: Final[Mapping[str, str]] = {
    "hm": BookingSource.AIRBNB,
    "ha": BookingSource.VRBO,
    "di": BookingSource.DIRECT,
}
PLATFORMS: Final = frozenset({BookingSource.AIRBNB, BookingSource.VRBO})

# Words that the sheet has in place of a platform's confirmation code.
CODE_WORDS: Final = frozenset({"directly", "direct", "owner staying", "owner"})
REPEATED_LABELS: Final = 4_096
"""Labels whose key is kept: a file has many rows and few houses."""

# UTF-8 bytes that were decoded as Windows text begin like this.
MISREAD: Final = re.compile("[\u00c2-\u00c5\u00e2\u00f0]")


@lru_cache(maxsize=REPEATED_LABELS)
def label_key(label: str) -> str:
    """Return what makes two labels one: neither case nor spaces count.

    >>> label_key("  8107  Merlin ST ") == label_key("8107 merlin st")
    True
    """
    return " ".join(unicodedata.normalize("NFC", label).split()).casefold()


def repair_encoding(text: str) -> str:
    """Return a text whose UTF-8 was read as Windows text as it was meant, any other unchanged.

    >>> repair_encoding("Ana NÃºÃ±ez")
    'Ana Núñez'
    """
    if not MISREAD.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def name_key(name: str) -> str:
    """Return what makes two spellings of a guest's name one: a broken encoding does not count."""
    return label_key(repair_encoding(name))


def match_status(text: str) -> BookingStatus | None:
    """Return the status that the schedule's word means, ``None`` for an unknown word."""
    word = label_key(text)
    for beginning, status in STATUS_BEGINNINGS.items():
        if word.startswith(beginning):
            return status
    return STATUSES.get(word)


def match_source(text: str) -> str:
    """Return the usual spelling of a source; an unknown one as it is."""
    return SOURCES.get(label_key(text), text)


def derive_source(code_cell: str) -> str:
    """Return the source that the sheet's formula derives from the code column."""
    return CODE_BEGINNINGS.get(code_cell[:2].casefold(), BookingSource.OWNER)


def strip_code_words(code_cell: str) -> str:
    """Return the code, or nothing where the column holds a word instead of one."""
    return "" if label_key(code_cell) in CODE_WORDS else code_cell
