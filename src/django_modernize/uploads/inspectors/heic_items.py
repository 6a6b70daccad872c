"""The items of a HEIC file: their types, their parts, and the memory needed to decode them."""

import struct
from dataclasses import dataclass, field
from typing import Final

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .boxes import Box, find_box, read_boxes
from .dimensions import check_dimensions, check_piece_count, refuse_damage
from .hevc import read_coded_sides

__all__ = ["FULL_BOX_HEAD", "ItemTable", "read_items"]

SINGLE, GRID, OVERLAY = b"hvc1", b"grid", b"iovl"
PARTS: Final = b"dimg"
"""The reference from a picture to its parts. No other is shown to the decoder: thumbnails, alpha
channels, depths, gain maps and metadata end here."""

FULL_BOX_HEAD: Final = 4
"""Version and flags, at the beginning of many boxes."""

DECODING_BYTES_PER_PIXEL: Final = 8
"""The decoder's planes, their colours, and the copy that is encoded."""

BACKGROUND_LENGTH: Final = 8
"""The colour behind the parts of an overlay."""


@dataclass(kw_only=True, slots=True)
class ItemTable:
    """What was found of the items, by their numbers."""

    content: bytes
    policy: UploadPolicy
    boxes: list[Box]
    """Those within ``meta``."""

    types: dict[int, bytes] = field(default_factory=dict)
    parts: dict[int, list[int]] = field(default_factory=dict)
    """What pictures are put together from."""

    hidden: list[int] = field(default_factory=list)
    """Where the names of boxes stand that no decoder is shown."""

    sides: list[tuple[int, int]] = field(default_factory=list)
    """What the boxes tell of the pictures' sizes."""

    coded_sides: dict[int, tuple[int, int]] = field(default_factory=dict)
    """What the codec goes by, by item."""

    def check_sides(self, width: int, height: int) -> None:
        """Compare the sides of one picture with the limits."""
        check_dimensions(width, height, self.policy, bytes_per_pixel=DECODING_BYTES_PER_PIXEL)

    def count_pixels(self, number: int) -> int:
        """Return how many pixels are decoded for a picture and its parts.

        Raises:
            Refusal: It is of a type that is not decoded here, or beyond the limits.
        """
        if self.types.get(number) in (GRID, OVERLAY):
            parts = self.parts.get(number, [])
            self._check_whole(number, len(parts))
        else:
            parts = [number]
        pixels = sum(self._count_coded(part) for part in parts)
        # A grid may be cut, so its parts may be somewhat larger than the picture.
        if pixels > 2 * self.policy.max_pixels:
            raise Refusal(RefusalCode.PIXELS, limit=self.policy.max_pixels)
        return pixels

    def count_parts(self, number: int) -> int:
        """Return how many pictures one is put together from."""
        return len(self.parts.get(number, ())) or 1

    def _count_coded(self, number: int) -> int:
        if self.types.get(number) != SINGLE:
            raise Refusal(RefusalCode.UNSUPPORTED, problem="a picture of another codec")
        if number not in self.coded_sides:
            raise refuse_damage("the codec's parameters of a picture are missing")
        width, height = self.coded_sides[number]
        return width * height

    def _check_whole(self, number: int, count: int) -> None:
        """Check what a picture of several says of itself."""
        data = _find_item(self, number)
        place = 4
        if self.types[number] == OVERLAY:
            place = 2 + BACKGROUND_LENGTH
        elif (data[2] + 1) * (data[3] + 1) != count:
            raise refuse_damage("it has another number of tiles than it says")
        self.check_sides(*struct.unpack_from(">II" if data[1] & 1 else ">HH", data, place))


def read_items(content: bytes, meta: list[Box], policy: UploadPolicy) -> ItemTable:
    """Return what the boxes within ``meta`` tell of the items.

    Raises:
        Refusal: A box is missing, damaged or there twice, or a size is beyond the limits.
    """
    table = ItemTable(content=content, policy=policy, boxes=meta)
    _note_types(table, find_box(meta, b"iinf"))
    for box in meta:
        if box.name == b"iref":
            _note_references(table, box)
    _note_properties(table, find_box(meta, b"iprp"))
    return table


def _note_types(table: ItemTable, box: Box) -> None:
    version = table.content[box.start]
    start = box.start + FULL_BOX_HEAD + (2 if version == 0 else 4)
    for entry in read_boxes(table.content, start, box.end, table.policy):
        entry_version = table.content[entry.start]
        if entry.name != b"infe" or entry_version < 2:
            raise Refusal(RefusalCode.UNSUPPORTED, problem="an old list of items")
        form = ">H" if entry_version == 2 else ">I"
        place = entry.start + FULL_BOX_HEAD
        (number,) = struct.unpack_from(form, table.content, place)
        place += struct.calcsize(form) + 2
        if number in table.types:
            raise refuse_damage("an item is there twice")
        table.types[number] = table.content[place : place + 4]


def _note_references(table: ItemTable, box: Box) -> None:
    content = table.content
    size = 2 if content[box.start] == 0 else 4
    for entry in read_boxes(content, box.start + FULL_BOX_HEAD, box.end, table.policy):
        source, place = _read_number(content, entry.start, size)
        count, place = _read_number(content, place, 2)
        if place + count * size > entry.end:
            raise Refusal(RefusalCode.TRUNCATED)
        if entry.name != PARTS:
            table.hidden.append(entry.name_place)
            continue
        if source in table.parts:
            raise refuse_damage("a picture has two lists of its parts")
        check_piece_count(count, table.policy)
        table.parts[source] = [
            int.from_bytes(content[at : at + size], "big")
            for at in range(place, place + count * size, size)
        ]


def _note_properties(table: ItemTable, box: Box) -> None:
    """Note the sizes: those that the boxes tell, and those that the codec goes by."""
    inner = read_boxes(table.content, box.start, box.end, table.policy)
    container = find_box(inner, b"ipco")
    coded: dict[int, tuple[int, int]] = {}
    entries = read_boxes(table.content, container.start, container.end, table.policy)
    for index, entry in enumerate(entries, start=1):
        if entry.name == b"ispe":
            sides = struct.unpack_from(">II", table.content, entry.start + FULL_BOX_HEAD)
            table.check_sides(*sides)
            table.sides.append(sides)
        elif entry.name == b"hvcC":
            coded[index] = read_coded_sides(table.content[entry.start : entry.end])
            table.check_sides(*coded[index])
    if not table.sides or not coded:
        raise refuse_damage("its sizes are missing")
    _note_associations(table, find_box(inner, b"ipma"), coded)


def _note_associations(table: ItemTable, box: Box, coded: dict[int, tuple[int, int]]) -> None:
    """Note the codec's size of each item, by the table that leads from items to properties."""
    content, head = table.content, table.content[box.start : box.start + FULL_BOX_HEAD]
    number_size, index_size = 2 if head[0] == 0 else 4, 2 if head[3] & 1 else 1
    count, place = _read_number(content, box.start + FULL_BOX_HEAD, 4)
    check_piece_count(count, table.policy)
    for _ in range(count):
        number, place = _read_number(content, place, number_size)
        properties, place = _read_number(content, place, 1)
        for _ in range(properties):
            index, place = _read_number(content, place, index_size)
            # The highest bit says whether a reader has to know the property.
            sides = coded.get(index & ((1 << 8 * index_size - 1) - 1))
            if sides is None:
                continue
            if number in table.coded_sides:
                raise refuse_damage("a picture has two sets of the codec's parameters")
            table.coded_sides[number] = sides


def _find_item(table: ItemTable, wanted: int) -> bytes:
    """Return the bytes of an item, which the table of places leads to."""
    content, box = table.content, find_box(table.boxes, b"iloc")
    version, sizes = content[box.start], content[box.start + 4 : box.start + 6]
    offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
    base_size, index_size = sizes[1] >> 4, sizes[1] & 15 if version else 0
    number_size = 2 if version < 2 else 4
    place = box.start + 6
    count, place = _read_number(content, place, number_size)
    check_piece_count(count, table.policy)
    for _ in range(count):
        number, place = _read_number(content, place, number_size)
        method, place = _read_number(content, place, 2 if version else 0)
        base, place = _read_number(content, place + 2, base_size)
        extents, place = _read_number(content, place, 2)
        check_piece_count(extents, table.policy)
        if number == wanted and extents:
            _, place = _read_number(content, place, index_size)
            start, place = _read_number(content, place, offset_size)
            length, place = _read_number(content, place, length_size)
            origin = find_box(table.boxes, b"idat").start if method & 15 == 1 else 0
            first = origin + base + start
            return content[first : first + length]
        place += extents * (index_size + offset_size + length_size)
    raise refuse_damage("its main picture has no place")


def _read_number(content: bytes, place: int, size: int) -> tuple[int, int]:
    if place + size > len(content):
        raise Refusal(RefusalCode.TRUNCATED)
    return int.from_bytes(content[place : place + size], "big"), place + size
