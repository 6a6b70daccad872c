"""The tokens and objects of PDF, read under limits and without following anything."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ..codes import RefusalCode
from ..verdicts import Refusal
from .dimensions import refuse_damage

__all__ = ["Keyword", "Name", "ObjectReader", "Reference"]

MAX_TOKENS: Final = 700_000
"""How many tokens a document may have outside of its streams."""

MAX_DEPTH: Final = 100
"""How deeply arrays and dictionaries may stand in one another."""

MOST_DIGITS: Final = 15
"""How many digits a whole number may have; with more it counts, measures and points to nothing."""

BLANKS: Final = re.compile(rb"(?:[\0\t\n\f\r\ ]++|\%[^\r\n]*+)*+", re.VERBOSE)
"""Blanks and comments; what was taken for one is never given back, to be read as something else."""

TOKEN: Final = re.compile(
    BLANKS.pattern
    + rb"""(?: (?P<name>/[^\0\t\n\f\r ()<>\[\]{}/%]*)
    | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z))
    | (?P<text>\((?:[^()\\]|\\[\x00-\xff])*\))
    | (?P<open><<) | (?P<close>>>)
    | (?P<hex><[0-9A-Fa-f\0\t\n\f\r ]*>)
    | (?P<begin>\[) | (?P<end>\])
    | (?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]+))""",
    re.VERBOSE,
)
PARENTHESIS: Final = re.compile(rb"\\[\x00-\xff]|[()]")
ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|[\x00-\xff])")
ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
LINE_ENDS: Final = (b"\r\n", b"\r", b"\n")
HEX_CODE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


class Name(str):
    """A name, with its codes resolved: ``/J#53`` is ``JS``."""

    __slots__ = ()


class Keyword(str):
    """A word that is no object, such as ``endobj``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """Says that the object of a number stands here."""

    number: int


@dataclass(slots=True)
class _Open:
    """An array or dictionary that has not ended yet."""

    is_array: bool
    items: list[Any] = field(default_factory=list)


class ObjectReader:
    """Reads objects one after the other; one of them reads a whole file, so that it can count.

    ``names`` holds every name that was met, wherever it stands, and ``dictionaries`` every
    dictionary since it was emptied.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self.names: set[str] = set()
        self.dictionaries: list[dict[str, Any]] = []

    def read_object(self, content: bytes, place: int) -> tuple[Any, int]:
        """Return the object at a place and where it ends; numbers are not joined to references.

        Args:
            content: The file, or an unpacked object stream.
            place: Where to begin.

        Raises:
            Refusal: There is no object, or it is beyond a limit.
            IndexError: The content ends before it.
        """
        stack: list[_Open] = []
        while True:
            value, kind, place = self._read_token(content, place)
            if kind in ("open", "begin"):
                if len(stack) >= MAX_DEPTH:
                    raise Refusal(RefusalCode.DEPTH, limit=MAX_DEPTH)
                stack.append(_Open(kind == "begin"))
                continue
            if kind in ("close", "end"):
                value = self._close(stack, kind)
            elif kind == "word" and stack:
                _add_word(stack[-1].items, value)
                continue
            if not stack:
                return value, place
            stack[-1].items.append(value)

    def skip_blanks(self, content: bytes, place: int) -> int:
        """Return where the next token begins."""
        found = BLANKS.match(content, place)
        return place if found is None else found.end()

    def _read_token(self, content: bytes, place: int) -> tuple[Any, str, int]:
        self._count()
        found = TOKEN.match(content, place)
        if found is None:
            return self._read_rest(content, self.skip_blanks(content, place))
        kind = str(found.lastgroup)
        text = found[kind]
        value: Any = text
        if kind == "name":
            value = Name(_decode_name(text))
            self.names.add(value)
        elif kind == "number":
            value = int(text) if text.isdigit() and len(text) <= MOST_DIGITS else text
        elif kind == "word":
            value = Keyword(text.decode("latin-1"))
        elif kind == "text":
            value = _decode_text(text[1:-1])
        elif kind == "hex":
            value = _decode_hex(text)
        return value, kind, found.end()

    def _read_rest(self, content: bytes, place: int) -> tuple[bytes, str, int]:
        """Read a text with parentheses in it, which no pattern can count."""
        if content[place] != ord("("):
            raise refuse_damage("it has characters that mean nothing")
        depth = 0
        for found in PARENTHESIS.finditer(content, place):
            self._count()
            depth += {b"(": 1, b")": -1}.get(found.group(), 0)
            if not depth:
                return _decode_text(content[place + 1 : found.start()]), "text", found.end()
        raise Refusal(RefusalCode.TRUNCATED)

    def _close(self, stack: list[_Open], kind: str) -> Any:
        if not stack or stack[-1].is_array != (kind == "end"):
            raise refuse_damage("its brackets do not match")
        items = stack.pop().items
        if kind == "end":
            return items
        keys = items[::2]
        if len(items) % 2 or not all(isinstance(key, Name) for key in keys):
            raise refuse_damage("a dictionary in it is wrong")
        made = dict(zip(keys, items[1::2], strict=True))
        if len(made) < len(keys):
            raise Refusal(RefusalCode.AMBIGUOUS, problem="a dictionary has a key twice")
        self.dictionaries.append(made)
        return made

    def _count(self) -> None:
        self.tokens += 1
        if self.tokens > MAX_TOKENS:
            raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=MAX_TOKENS)


def _add_word(items: list[Any], word: str) -> None:
    if word == "R" and len(items) > 1 and isinstance(items[-2], int):
        del items[-1]
        items[-1] = Reference(items[-1])
    elif word in ("true", "false", "null"):
        items.append(Keyword(word))
    else:
        raise refuse_damage("a word stands where none can")


def _decode_name(text: bytes) -> str:
    return HEX_CODE.sub(lambda found: bytes.fromhex(found[1].decode()), text[1:]).decode("latin-1")


def _decode_text(text: bytes) -> bytes:
    return ESCAPE.sub(_resolve_escape, text) if b"\\" in text else text


def _resolve_escape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8) & 255]) if code[0] < ord("8") else code
    return b"" if code in LINE_ENDS else ESCAPED.get(code, code)


def _decode_hex(text: bytes) -> bytes:
    digits = text[1:-1].translate(None, b"\0\t\n\f\r ").decode()
    return bytes.fromhex(digits + "0" * (len(digits) % 2))
