"""File names: the cleaned name from the client, and the random name in the storage."""

import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from .codes import RefusalCode
from .verdicts import Refusal

__all__ = ["NAME_MAX_LENGTH", "CleanName", "clean_name", "make_stored_name"]

NAME_MAX_LENGTH: Final = 255

REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, surrogates and line separators."""

JOINERS: Final = frozenset({"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"})
"""Invisible characters that emoji and Persian text require."""

INVISIBLE: Final = "Cf"
"""Invisible characters, including those that change the direction of writing."""

UNSAFE_IN_SHELLS_AND_WINDOWS: Final = str.maketrans(dict.fromkeys('<>:"|?*%`$;&', "_"))
DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""Names reserved for devices on Windows, regardless of their extension."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanName:
    """A client's file name that is safe to display and to send with a download."""

    text: str
    extension: str
    """The lowercase extension without the dot, or an empty string if there is none."""


def clean_name(name: str | None) -> CleanName:
    """Return a client's name as text, without folders.

    >>> clean_name("C:\\\\photos\\\\Kitchen.JPG")
    CleanName(text='Kitchen.JPG', extension='jpg')

    Args:
        name: The original name. Files opened by code have a path.

    Raises:
        Refusal: There is no name, it is too long, or it has deceptive characters.
    """
    # Check before removing the folders, since a NUL may also precede a separator.
    if any(_deceives(character) for character in name or ""):
        raise Refusal(RefusalCode.NAME_CHARACTERS)
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", last)
    if len(text) > NAME_MAX_LENGTH:
        raise Refusal(RefusalCode.NAME_TOO_LONG, limit=NAME_MAX_LENGTH)
    stem, dot, extension = text.lstrip(". ").rpartition(".")
    if not (stem or extension):
        raise Refusal(RefusalCode.NAME_MISSING)
    if not dot:
        stem, extension = extension, ""
    stem = stem.translate(UNSAFE_IN_SHELLS_AND_WINDOWS)
    if stem.partition(".")[0].strip().lower() in DEVICES:
        stem = f"_{stem}"
    return CleanName(text=f"{stem}{dot}{extension}", extension=extension.lower())


def make_stored_name(extension: str) -> str:
    """Return a random name in one of 65,536 folders, such as ``3f/a9/3fa9….jpg``."""
    name = uuid4().hex
    return f"{name[:2]}/{name[2:4]}/{name}.{extension}"


def _deceives(character: str) -> bool:
    category = unicodedata.category(character)
    if category == INVISIBLE:
        return character not in JOINERS
    return category in REFUSED_CATEGORIES
