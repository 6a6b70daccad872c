"""Unpack the streams of a PDF within limits on their total size."""

import zlib
from collections.abc import Iterator
from typing import Any, Final

from django.template.defaultfilters import filesizeformat

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .dimensions import refuse_damage

__all__ = ["StreamCounter"]

WINDOW_BYTES: Final = 256 * 1024
MAX_FILTERS: Final = 3
"""How often a stream may be packed; more is a way to explode."""

EXPLODING: Final = frozenset({"FlateDecode", "Fl", "LZWDecode", "LZW", "RunLengthDecode", "RL"})
"""The packings that can unpack to many times their size."""

FLATE: Final = frozenset({"FlateDecode", "Fl"})
PNG_PREDICTORS: Final = range(10, 16)


class StreamCounter:
    """Unpacks the streams of one document and adds up what comes out."""

    def __init__(self, policy: UploadPolicy) -> None:
        self._limit = policy.max_unpacked_bytes
        self._total = 0

    def count(self, head: dict[str, Any], data: memoryview) -> None:
        """Unpack a stream and forget it.

        Raises:
            Refusal: All streams together unpack to too much, or this one is packed too often.
        """
        filters = _list_filters(head)
        if filters and filters[0] in FLATE:
            for _ in self._inflate(data):
                pass

    def unpack(self, head: dict[str, Any], data: memoryview) -> bytes:
        """Return what a stream unpacks to whose content has to be understood.

        Raises:
            Refusal: It cannot be looked at, or unpacks to too much.
        """
        filters = _list_filters(head)
        if not filters:
            return bytes(data)
        if len(filters) > 1 or filters[0] not in FLATE:
            raise Refusal(RefusalCode.UNSUPPORTED, problem="objects packed in an unusual way")
        return _undo_predictor(head, b"".join(self._inflate(data)))

    def _inflate(self, data: memoryview) -> Iterator[bytes]:
        inflater = zlib.decompressobj()
        rest: bytes | memoryview = data
        while not inflater.eof:
            try:
                window = inflater.decompress(rest, WINDOW_BYTES)
            except zlib.error as error:
                raise refuse_damage("a stream in it cannot be unpacked") from error
            self._total += len(window)
            if self._total > self._limit:
                raise Refusal(RefusalCode.UNPACKED_SIZE, limit=filesizeformat(self._limit))
            yield window
            rest = inflater.unconsumed_tail
            if not window and not rest:
                return


def _list_filters(head: dict[str, Any]) -> list[Any]:
    given = head.get("Filter", [])
    filters = given if isinstance(given, list) else [given]
    if not all(isinstance(one, str) for one in filters):
        raise Refusal(RefusalCode.UNSUPPORTED, problem="a stream that hides how it is packed")
    if len(filters) > MAX_FILTERS:
        raise Refusal(RefusalCode.UNSUPPORTED, problem=f"a stream packed over {MAX_FILTERS} times")
    if sum(one in EXPLODING for one in filters) > 1:
        # A thousandfold of a thousandfold, of which only the first is counted.
        raise Refusal(RefusalCode.UNSUPPORTED, problem="a stream that is packed twice")
    return filters


def _undo_predictor(head: dict[str, Any], content: bytes) -> bytes:
    given = head.get("DecodeParms", {})
    options = given[0] if isinstance(given, list) and given else given
    predictor = options.get("Predictor", 1) if isinstance(options, dict) else 1
    if not isinstance(options, (dict, str)) or predictor not in (1, *PNG_PREDICTORS):
        raise Refusal(RefusalCode.UNSUPPORTED, problem="objects packed in an unusual way")
    if predictor == 1 or isinstance(options, str):
        return content
    columns = options.get("Columns", 1)
    if options.get("Colors", 1) != 1 or options.get("BitsPerComponent", 8) != 8:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="objects packed in an unusual way")
    if not isinstance(columns, int) or not 0 < columns <= 64:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="objects packed in an unusual way")
    return _undo_rows(content, columns)


def _undo_rows(content: bytes, columns: int) -> bytes:
    """Undo the filters of PNG that tables of places are written with: none, left and above."""
    rows, above = [], bytes(columns)
    for start in range(0, len(content), columns + 1):
        way, row = content[start], bytearray(content[start + 1 : start + 1 + columns])
        if way == 1:
            for place in range(1, len(row)):
                row[place] = row[place] + row[place - 1] & 255
        elif way == 2:
            row = bytearray(one + other & 255 for one, other in zip(row, above, strict=False))
        elif way:
            raise Refusal(RefusalCode.UNSUPPORTED, problem="objects packed in an unusual way")
        above = bytes(row).ljust(columns, b"\0")
        rows.append(bytes(row))
    return b"".join(rows)
