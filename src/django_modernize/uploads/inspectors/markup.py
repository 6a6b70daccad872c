"""Parse XML under limits: no document type, limited depth and number of elements."""

from collections.abc import Callable, Iterable
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from ..codes import RefusalCode
from ..verdicts import Refusal
from .dimensions import refuse_damage

__all__ = ["MAX_DEPTH", "MAX_ELEMENTS", "MarkupReader"]

MAX_DEPTH: Final = 64
"""How deeply elements may stand in one another; honest parts of workbooks stay below 25."""

MAX_ELEMENTS: Final = 1_500_000
"""How many elements all parts together may have."""

ENCODINGS: Final = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})

Attributes = dict[str, str]
Act = Callable[[Attributes], None]


class MarkupReader:
    """Reads the parts of one file; a subclass names the elements that it wants to hear of.

    An element counts by the name behind its prefix, since readers differ in whether they heed
    namespaces.
    """

    def __init__(self) -> None:
        self.elements = 0
        self.depth = 0
        self._acts: dict[str, Act | None] = {}
        self._texts: dict[str, Callable[[str], None]] = {}
        self._heard: list[str] = []
        self._hears_until = 0

    def find_act(self, name: str) -> Act | None:
        """Return what is done at the beginning of an element, given its name without prefix."""
        return None

    def find_listener(self, name: str) -> Callable[[str], None] | None:
        """Return who is told the text of an element, given its name without prefix."""
        return None

    def read_part(self, windows: Iterable[bytes]) -> None:
        """Read one part.

        Args:
            windows: Its bytes.

        Raises:
            Refusal: It is no plain XML, or beyond a limit.
        """
        self.depth = 0
        self._parser = parser = ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.XmlDeclHandler = _check_encoding
        parser.StartDoctypeDeclHandler = _refuse_document_type
        try:
            for window in windows:
                # The parser would take UTF-16 for what it is, other readers for something else.
                if b"\0" in window:
                    raise refuse_damage("a part of it is no plain UTF-8")
                parser.Parse(window, False)
            parser.Parse(b"", True)
        except (ExpatError, ValueError) as error:
            raise refuse_damage("a part of it is no proper XML") from error

    def _start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise Refusal(RefusalCode.DEPTH, limit=MAX_DEPTH)
        if self.elements > MAX_ELEMENTS:
            raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=MAX_ELEMENTS)
        try:
            act = self._acts[name]
        except KeyError:
            act = self._learn(name)
        if act is not None:
            act(attributes)
        if name in self._texts and not self._hears_until:
            self._hears_until = self.depth
            self._parser.CharacterDataHandler = self._heard.append

    def _end(self, name: str) -> None:
        if self.depth == self._hears_until:
            self._hears_until = 0
            self._parser.CharacterDataHandler = None
            text = "".join(self._heard)
            self._heard.clear()
            self._texts[name](text)
        self.depth -= 1

    def _learn(self, name: str) -> Act | None:
        local = name.rpartition(":")[2]
        act = self._acts[name] = self.find_act(local)
        if (listener := self.find_listener(local)) is not None:
            self._texts[name] = listener
        return act


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding.lower() if encoding else None) not in ENCODINGS:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="XML in another encoding than UTF-8")


def _refuse_document_type(*declaration: object) -> None:
    raise Refusal(RefusalCode.DOCUMENT_TYPE)
