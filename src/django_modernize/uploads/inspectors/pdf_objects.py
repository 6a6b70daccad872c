"""Find the objects of a PDF, both in the file itself and in its object streams."""

import re
from dataclasses import dataclass
from typing import Any, Final

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .dimensions import refuse_damage
from .pdf_streams import StreamCounter
from .pdf_tokens import Keyword, ObjectReader, Reference

__all__ = ["DocumentReader", "PlaceTable"]

STREAM_END: Final = re.compile(rb"[\r\n]{0,2}endstream(?=[\0\t\n\f\r ]|\Z)")
HEADER: Final = re.compile(rb"%PDF-[12]\.[0-9]")
REST_OF_REFERENCE: Final = re.compile(rb"[\0\t\n\f\r ]+[0-9]+[\0\t\n\f\r ]+R(?=[\0\t\n\f\r ])")
ENTRY: Final = re.compile(rb"([0-9]{10}) ([0-9]{5}) ([nf])[ \r\n]{2}")
MOST_ENTRIES: Final = 500_000
MOST_VERSIONS: Final = 100
"""How often one object may be written again, by saves that leave the former ones in the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceTable:
    """A table that says where objects are."""

    place: int
    """Where it stands."""
    head: dict[str, Any]
    """Its trailer, or the dictionary of its stream."""
    places: dict[int, list[int]]
    """Where it says that objects begin: the numbers by place."""


@dataclass(kw_only=True, slots=True)
class _Indirect:
    """A length that is told by another object, which may come later."""

    number: int
    found: int
    most: int


class DocumentReader:
    """Reads a whole document.

    Args:
        content: The file up to its last ``%%EOF``.
        policy: The limits.
    """

    def __init__(self, content: bytes, policy: UploadPolicy) -> None:
        self.content = content
        self.objects = ObjectReader()
        self.counter = StreamCounter(policy)
        self.places: dict[int, int] = {}
        """The number of each object by where it begins."""
        self.values: dict[int, list[Any]] = {}
        """What stands under each number; a later save may write it again."""
        self.streams: list[dict[str, Any]] = []
        self.tables: list[PlaceTable] = []
        self.starts: list[int] = []
        """What each ``startxref`` says."""
        self.object_count = 0
        self._lengths: list[_Indirect] = []

    def read_all(self) -> None:
        """Read from the first byte to the last.

        Raises:
            Refusal: Something is no PDF, or beyond a limit.
        """
        if not HEADER.match(self.content):
            raise refuse_damage("its version is none that is known")
        place = self._skip(0)
        while place < len(self.content):
            place = self._skip(self._read_section(place))
        self._check_lengths()

    def _skip(self, place: int) -> int:
        return self.objects.skip_blanks(self.content, place)

    def _read_section(self, place: int) -> int:
        word, end = self.objects.read_object(self.content, place)
        if isinstance(word, int):
            return self._read_indirect(word, place, end)
        if word == "xref" and isinstance(word, Keyword):
            return self._read_table(place, end)
        if word == "startxref" and isinstance(word, Keyword):
            start, end = self.objects.read_object(self.content, end)
            if not isinstance(start, int):
                raise refuse_damage("it does not say where its table is")
            self.starts.append(start)
            return end
        raise refuse_damage("something stands between its objects")

    def _read_indirect(self, number: int, place: int, end: int) -> int:
        read = self.objects.read_object
        generation, end = read(self.content, end)
        word, end = read(self.content, end)
        if not isinstance(generation, int) or word != "obj":
            raise refuse_damage("something stands between its objects")
        value, end = self._read_value(end)
        self.places[place] = number
        self._note_value(number, value)
        word, after = read(self.content, end)
        if word == "stream" and isinstance(value, dict):
            after = self._read_stream(number, place, value, after)
            word, after = read(self.content, after)
        if word != "endobj" or not isinstance(word, Keyword):
            raise refuse_damage("an object in it does not end")
        return after

    def _read_value(self, place: int) -> tuple[Any, int]:
        value, end = self.objects.read_object(self.content, place)
        if isinstance(value, int):
            return self._join_reference(value, end)
        return value, end

    def _join_reference(self, value: int, end: int) -> tuple[Any, int]:
        """Return a reference if an object is nothing but one."""
        found = REST_OF_REFERENCE.match(self.content, end)
        return (value, end) if found is None else (Reference(value), found.end())

    def _note_value(self, number: int, value: Any) -> None:
        self.object_count += 1
        versions = self.values.setdefault(number, [])
        versions.append(value)
        # Whatever refers to the number is compared with each.
        if len(versions) > MOST_VERSIONS:
            raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=MOST_VERSIONS)

    def _read_stream(self, number: int, place: int, head: dict[str, Any], start: int) -> int:
        """Read a stream, and return where it ends."""
        if self.content[start : start + 2] == b"\r\n":
            start += 2
        elif self.content[start : start + 1] in (b"\n", b"\r"):
            start += 1
        else:
            raise refuse_damage("a stream in it does not begin")
        end, after = self._find_stream_end(head, start)
        data = memoryview(self.content)[start:end]
        self.streams.append(head)
        kind = head.get("Type")
        if kind == "ObjStm":
            self._read_packed(head, self.counter.unpack(head, data))
        elif kind == "XRef":
            self._read_packed_table(place, head, self.counter.unpack(head, data))
        else:
            self.counter.count(head, data)
        return after

    def _find_stream_end(self, head: dict[str, Any], start: int) -> tuple[int, int]:
        """Return where the data of a stream end, and where the word behind them does."""
        length = head.get("Length")
        if isinstance(length, int):
            found = STREAM_END.match(self.content, start + length)
            if found is None:
                raise Refusal(
                    RefusalCode.SIZE_MISMATCH, problem="a stream is not as long as it says"
                )
            return start + length, found.end()
        found = STREAM_END.search(self.content, start)
        if not isinstance(length, Reference) or found is None:
            raise refuse_damage("a stream in it does not end")
        most = found.end() - len(b"endstream") - start
        told = _Indirect(number=length.number, found=found.start() - start, most=most)
        self._lengths.append(told)
        return start + told.found, found.end()

    def _check_lengths(self) -> None:
        for told in self._lengths:
            values = self.values.get(told.number, [])
            if not values or any(
                not isinstance(value, int) or not told.found <= value <= told.most
                for value in values
            ):
                raise Refusal(
                    RefusalCode.SIZE_MISMATCH, problem="a stream is not as long as it says"
                )

    def _read_packed(self, head: dict[str, Any], content: bytes) -> None:
        """Read the objects of an object stream, each from where the stream says it begins."""
        count, first = head.get("N"), head.get("First")
        if not isinstance(count, int) or not isinstance(first, int):
            raise refuse_damage("its packed objects are not told")
        if count > MOST_ENTRIES:
            raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=MOST_ENTRIES)
        numbers, place = [], 0
        for _ in range(2 * count):
            number, place = self.objects.read_object(content, place)
            if not isinstance(number, int):
                raise refuse_damage("its packed objects are not told")
            numbers.append(number)
        if place > first:
            raise refuse_damage("its packed objects are not told")
        told = dict(zip(numbers[1::2], numbers[::2], strict=True))
        begun = self._read_packed_objects(content, first, told)
        if begun != told.keys() or len(told) != count:
            raise Refusal(RefusalCode.AMBIGUOUS, problem="an object begins within another")

    def _read_packed_objects(self, content: bytes, first: int, told: dict[int, int]) -> set[int]:
        """Return where objects begin; a number of a reference is none of the stream's."""
        begun, place = set(), self.objects.skip_blanks(content, first)
        while place < len(content):
            start = place - first
            value, place = self.objects.read_object(content, place)
            place = self.objects.skip_blanks(content, place)
            if start in told:
                begun.add(start)
                self._note_value(told[start], value)
            elif not isinstance(value, int | Keyword):
                raise Refusal(RefusalCode.AMBIGUOUS, problem="an object that no table tells of")
        return begun

    def _read_table(self, place: int, end: int) -> int:
        """Read a table of places and its trailer."""
        read, places = self.objects.read_object, dict[int, list[int]]()
        while True:
            first, end = read(self.content, end)
            if isinstance(first, Keyword):
                break
            count, end = read(self.content, end)
            if not isinstance(first, int) or not isinstance(count, int):
                raise refuse_damage("its table of places is wrong")
            end = self._read_entries(first, count, end, places)
        trailer, end = read(self.content, end)
        if first != "trailer" or not isinstance(trailer, dict):
            raise refuse_damage("its table of places is wrong")
        self.tables.append(PlaceTable(place=place, head=trailer, places=places))
        return end

    def _read_entries(self, first: int, count: int, end: int, places: dict[int, list[int]]) -> int:
        end = self._skip(end)
        for number in range(first, first + min(count, MOST_ENTRIES)):
            found = ENTRY.match(self.content, end)
            if found is None:
                raise refuse_damage("its table of places is wrong")
            if found[3] == b"n":
                places.setdefault(int(found[1]), []).append(number)
            end = found.end()
        return end

    def _read_packed_table(self, place: int, head: dict[str, Any], content: bytes) -> None:
        widths = _list_numbers(head.get("W"))
        spans = _list_numbers(head.get("Index", [0, head.get("Size")]))
        if len(widths) != 3 or max(widths) > 8 or len(spans) % 2 or not sum(widths):
            raise refuse_damage("its table of places is wrong")
        places = dict[int, list[int]]()
        at = 0
        for first, count in zip(spans[::2], spans[1::2], strict=True):
            for number in range(first, first + min(count, MOST_ENTRIES)):
                if at >= len(content):
                    break
                kind, where = _read_fields(content, at, widths)
                at += sum(widths)
                if kind == 1:
                    places.setdefault(where, []).append(number)
        self.tables.append(PlaceTable(place=place, head=head, places=places))


def _list_numbers(given: Any) -> list[int]:
    if not isinstance(given, list) or not all(isinstance(one, int) for one in given):
        raise refuse_damage("its table of places is wrong")
    return given


def _read_fields(content: bytes, at: int, widths: list[int]) -> tuple[int, int]:
    first, second, _ = widths
    kind = int.from_bytes(content[at : at + first], "big") if first else 1
    return kind, int.from_bytes(content[at + first : at + first + second], "big")
