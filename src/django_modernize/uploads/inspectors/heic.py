"""HEIC: the boxes, and the sizes that the codec itself is told; stored as JPEG."""

import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Decoded, Inspector, Structure
from .boxes import Box, find_box, read_boxes
from .color_profiles import rebuild_profile
from .dimensions import check_dimensions, check_piece_count, refuse_damage
from .hevc import read_coded_sides
from .raster import encode_image

__all__ = ["INSPECTOR"]

SINGLE, GRID = b"hvc1", b"grid"
FULL_BOX_HEAD: Final = 4
"""Version and flags, at the beginning of many boxes."""

DECODING_BYTES_PER_PIXEL: Final = 8
"""The decoder's planes, their colours, and the copy that is encoded."""


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What was met on the way."""

    content: bytes
    policy: UploadPolicy
    item_types: dict[int, bytes] = field(default_factory=dict)
    sides: list[tuple[int, int]] = field(default_factory=list)
    coded_sides: list[tuple[int, int]] = field(default_factory=list)

    def check_sides(self, width: int, height: int) -> None:
        check_dimensions(width, height, self.policy, bytes_per_pixel=DECODING_BYTES_PER_PIXEL)


class HeicInspector(Inspector):
    """See :class:`Inspector`."""

    always_decodes = True

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        boxes = read_boxes(content, 0, len(content), policy)
        meta = find_box(boxes, b"meta")
        inner = read_boxes(content, meta.start + FULL_BOX_HEAD, meta.end, policy)
        handler = find_box(inner, b"hdlr")
        if content[handler.start + 8 : handler.start + 12] != b"pict":
            raise Refusal(RefusalCode.UNSUPPORTED, problem="its boxes hold no picture")
        walk = _Walk(content=content, policy=policy)
        _note_items(walk, find_box(inner, b"iinf"))
        _note_properties(walk, find_box(inner, b"iprp"))
        primary = _read_primary(content, find_box(inner, b"pitm"))
        tiles = _count_tiles(walk, primary, inner)
        width, height = max(walk.sides, key=lambda sides: sides[0] * sides[1])
        # A grid may be cut, so its tiles may be somewhat larger than the picture.
        decoded = tiles * max(wide * high for wide, high in walk.coded_sides)
        if decoded > 2 * policy.max_pixels:
            raise Refusal(RefusalCode.PIXELS, limit=policy.max_pixels)
        return Structure(facts={"width": width, "height": height, "tiles": tiles})

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        try:
            import pillow_heif  # an optional dependency
        except ImportError as error:
            raise Refusal(RefusalCode.DECODER_MISSING, found="heic") from error
        try:
            opened = pillow_heif.open_heif(BytesIO(content), convert_hdr_to_8bit=True)
            width, height = opened.size
            check_dimensions(width, height, policy, bytes_per_pixel=DECODING_BYTES_PER_PIXEL)
            image = opened.to_pillow()
            profile = rebuild_profile(image.info.get("icc_profile") or b"")
            image.info = {"icc_profile": profile} if profile else {}
            if image.mode not in ("RGB", "L"):
                image = image.convert("RGB")
            return encode_image(image, KINDS["jpeg"], policy)
        except Refusal:
            raise
        # Its decoder raises whatever it stumbles over.
        except Exception as error:
            raise refuse_damage("it cannot be decoded") from error


def _note_items(walk: _Walk, box: Box) -> None:
    """Note the type of each item."""
    version = walk.content[box.start]
    start = box.start + FULL_BOX_HEAD + (2 if version == 0 else 4)
    for entry in read_boxes(walk.content, start, box.end, walk.policy):
        entry_version = walk.content[entry.start]
        if entry.name != b"infe" or entry_version < 2:
            raise Refusal(RefusalCode.UNSUPPORTED, problem="an old list of items")
        form = ">H" if entry_version == 2 else ">I"
        place = entry.start + FULL_BOX_HEAD
        (number,) = struct.unpack_from(form, walk.content, place)
        place += struct.calcsize(form) + 2
        walk.item_types[number] = walk.content[place : place + 4]


def _note_properties(walk: _Walk, box: Box) -> None:
    """Note the sizes: those that the boxes tell, and those that the codec goes by."""
    inner = read_boxes(walk.content, box.start, box.end, walk.policy)
    container = find_box(inner, b"ipco")
    for entry in read_boxes(walk.content, container.start, container.end, walk.policy):
        if entry.name == b"ispe":
            sides = struct.unpack_from(">II", walk.content, entry.start + FULL_BOX_HEAD)
            walk.check_sides(*sides)
            walk.sides.append(sides)
        elif entry.name == b"hvcC":
            coded = read_coded_sides(walk.content[entry.start : entry.end])
            walk.check_sides(*coded)
            walk.coded_sides.append(coded)
    if not walk.sides or not walk.coded_sides:
        raise refuse_damage("its sizes are missing")


def _read_primary(content: bytes, box: Box) -> int:
    form = ">H" if content[box.start] == 0 else ">I"
    (number,) = struct.unpack_from(form, content, box.start + FULL_BOX_HEAD)
    return int(number)


def _count_tiles(walk: _Walk, primary: int, inner: list[Box]) -> int:
    """Return how many pictures the main one is put together from.

    Raises:
        Refusal: It is of a type that is not decoded here, or beyond the limits.
    """
    kind = walk.item_types.get(primary)
    if kind == SINGLE:
        return 1
    if kind != GRID:
        raise Refusal(RefusalCode.UNSUPPORTED, problem="a picture of another codec")
    data = _find_item(walk, primary, inner)
    _, flags, rows, columns = struct.unpack_from(">BBBB", data)
    width, height = struct.unpack_from(">II" if flags & 1 else ">HH", data, 4)
    walk.check_sides(width, height)
    tiles = (rows + 1) * (columns + 1)
    if tiles > sum(found == SINGLE for found in walk.item_types.values()):
        raise refuse_damage("it has fewer tiles than it says")
    return int(tiles)


def _find_item(walk: _Walk, wanted: int, inner: list[Box]) -> bytes:
    """Return the bytes of an item, which the table of places leads to."""
    content, box = walk.content, find_box(inner, b"iloc")
    version, sizes = content[box.start], content[box.start + 4 : box.start + 6]
    offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
    base_size, index_size = sizes[1] >> 4, sizes[1] & 15 if version else 0
    number_size = 2 if version < 2 else 4
    place = box.start + 6
    count, place = _read_number(content, place, number_size)
    check_piece_count(count, walk.policy)
    for _ in range(count):
        number, place = _read_number(content, place, number_size)
        method, place = _read_number(content, place, 2 if version else 0)
        base, place = _read_number(content, place + 2, base_size)
        extents, place = _read_number(content, place, 2)
        check_piece_count(extents, walk.policy)
        if number == wanted and extents:
            _, place = _read_number(content, place, index_size)
            start, place = _read_number(content, place, offset_size)
            length, place = _read_number(content, place, length_size)
            origin = find_box(inner, b"idat").start if method & 15 == 1 else 0
            first = origin + base + start
            return content[first : first + length]
        place += extents * (index_size + offset_size + length_size)
    raise refuse_damage("its main picture has no place")


def _read_number(content: bytes, place: int, size: int) -> tuple[int, int]:
    if place + size > len(content):
        raise Refusal(RefusalCode.TRUNCATED)
    return int.from_bytes(content[place : place + size], "big"), place + size


INSPECTOR: Final = HeicInspector()
