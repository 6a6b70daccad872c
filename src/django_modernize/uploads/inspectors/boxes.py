"""Parse the boxes (ISO-BMFF) of which HEIC files and videos consist."""

import struct
from dataclasses import dataclass

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .dimensions import check_piece_count, refuse_damage

__all__ = ["Box", "find_box", "read_boxes"]

TO_THE_END, LONG = 0, 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A named part of the content."""

    name: bytes
    name_place: int
    """Where its name stands."""

    start: int
    """Where its body begins."""

    end: int


def read_boxes(content: bytes, start: int, end: int, policy: UploadPolicy) -> list[Box]:
    """Return the boxes that follow one another; what is within them is not looked at.

    Raises:
        Refusal: One leads beyond the end, or there are too many.
    """
    boxes: list[Box] = []
    while start < end:
        check_piece_count(len(boxes) + 1, policy)
        length, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if length == LONG:
            (length,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        elif length == TO_THE_END:
            length = end - start
        if length < head:
            raise refuse_damage("a box is shorter than its own head")
        if start + length > end:
            raise Refusal(RefusalCode.TRUNCATED)
        boxes.append(Box(name=name, name_place=start + 4, start=start + head, end=start + length))
        start += length
    return boxes


def find_box(boxes: list[Box], name: bytes) -> Box:
    """Return the one box of a name.

    Raises:
        Refusal: There is none, or more than one.
    """
    found = [box for box in boxes if box.name == name]
    if len(found) != 1:
        raise refuse_damage("a box that has to be there once is missing or there twice")
    return found[0]
