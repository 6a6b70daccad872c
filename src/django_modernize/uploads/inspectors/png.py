"""PNG: chunks and their checksums, and as many pixels as it says."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Facts, Refusal
from .base import Decoded, Inspector, Structure
from .color_profiles import PROFILE_MAX_BYTES, rebuild_profile
from .dimensions import check_dimensions, check_piece_count, refuse_damage
from .orientation import UPRIGHT, make_orientation, read_orientation
from .raster import reencode_image

__all__ = ["INSPECTOR"]

KIND: Final = KINDS["png"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS: Final = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}
INDEXED: Final = 3

COLOR_LENGTHS: Final = {
    b"PLTE": (3, 768),
    b"gAMA": (4, 4),
    b"cHRM": (32, 32),
    b"sRGB": (1, 1),
    b"tRNS": (1, 256),
}
"""Small chunks that tell how the pixels look, with their least and greatest length."""

PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column, first row and steps of each pass of an interlaced image."""

WINDOW_BYTES: Final = 256 * 1024
"""How much is inflated at once."""


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What was met on the way."""

    width: int = 0
    height: int = 0
    depth: int = 0
    color: int = 0
    is_interlaced: bool = False
    header: bytes = b""
    colors: dict[bytes, bytes] = field(default_factory=dict)
    orientation: int = UPRIGHT
    data: list[memoryview] = field(default_factory=list)
    is_data_over: bool = False

    def facts(self) -> Facts:
        return {"width": self.width, "height": self.height, "orientation": self.orientation}

    @property
    def bits_per_pixel(self) -> int:
        return self.depth * CHANNELS[self.color]


class PngInspector(Inspector):
    """See :class:`Inspector`."""

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        walk = _Walk()
        for name, body in _read_chunks(content, policy):
            if not walk.header and name != b"IHDR":
                raise refuse_damage("its header does not come first")
            _note_chunk(walk, name, body, policy)
        if not walk.data:
            raise Refusal(RefusalCode.TRUNCATED)
        if walk.color == INDEXED and b"PLTE" not in walk.colors:
            raise refuse_damage("its palette is missing")
        pixels = _check_pixels(walk)
        return Structure(facts=walk.facts(), pieces=_write_pieces(walk, pixels))

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return reencode_image(content, KIND, structure, policy)


def _read_chunks(content: bytes, policy: UploadPolicy) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk up to the last, when its checksum fits."""
    view, place = memoryview(content), len(SIGNATURE)
    for count in range(1, len(content)):
        check_piece_count(count, policy)
        if place + 12 > len(content):
            raise Refusal(RefusalCode.TRUNCATED)
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 8 + length
        if end + 4 > len(content):
            raise Refusal(RefusalCode.TRUNCATED)
        (checksum,) = struct.unpack_from(">I", content, end)
        if zlib.crc32(view[place + 4 : end]) != checksum:
            raise Refusal(RefusalCode.CHECKSUM)
        if name == b"IEND":
            return
        yield name, view[place + 8 : end]
        place = end + 4


def _note_chunk(walk: _Walk, name: bytes, body: memoryview, policy: UploadPolicy) -> None:
    if name == b"IDAT":
        if walk.is_data_over:
            raise refuse_damage("its pixels are scattered")
        walk.data.append(body)
        return
    walk.is_data_over = bool(walk.data)
    if name == b"IHDR":
        _note_header(walk, bytes(body), policy)
    elif name in COLOR_LENGTHS:
        _note_color(walk, name, bytes(body))
    elif name == b"iCCP":
        _note_profile(walk, bytes(body))
    elif name == b"eXIf":
        walk.orientation = read_orientation(body)
    elif not name[0] & 0x20:
        # By its first letter: nobody can show the image without knowing this chunk.
        raise Refusal(RefusalCode.UNSUPPORTED, problem="an unknown chunk that it cannot do without")


def _note_header(walk: _Walk, body: bytes, policy: UploadPolicy) -> None:
    if walk.header or len(body) != 13:
        raise refuse_damage("its header is wrong")
    width, height, depth, color, compression, filtering, interlace = struct.unpack(">IIBBBBB", body)
    if depth not in DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise refuse_damage("its header says what does not exist")
    walk.header, walk.width, walk.height = body, width, height
    walk.depth, walk.color, walk.is_interlaced = depth, color, bool(interlace)
    check_dimensions(width, height, policy, bytes_per_pixel=max(1, walk.bits_per_pixel / 8))


def _note_color(walk: _Walk, name: bytes, body: bytes) -> None:
    least, most = COLOR_LENGTHS[name]
    is_right = least <= len(body) <= most and not walk.data and name not in walk.colors
    if name == b"PLTE" and (not is_right or len(body) % 3):
        raise refuse_damage("its palette is wrong")
    # Any other that is wrong is left out, as libpng does.
    if is_right:
        walk.colors[name] = body


def _note_profile(walk: _Walk, body: bytes) -> None:
    _, _, rest = body.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(rest[1:], PROFILE_MAX_BYTES)
    except zlib.error:
        return
    if not walk.data and (rebuilt := rebuild_profile(profile)):
        walk.colors[b"iCCP"] = b"ICC\0\0" + zlib.compress(rebuilt)


def _check_pixels(walk: _Walk) -> list[memoryview]:
    """Inflate the pixels in small windows, and return the data that they need.

    Raises:
        Refusal: There are more or fewer than the header says, or they are damaged.
    """
    expected, found = _count_bytes(walk), 0
    inflater = zlib.decompressobj()
    for number, piece in enumerate(walk.data):
        for length in _inflate(inflater, piece):
            found += length
            if found > expected:
                raise Refusal(RefusalCode.SIZE_MISMATCH, problem="more pixels than it says")
        if inflater.eof and found == expected:
            used = len(piece) - len(inflater.unused_data)
            return [*walk.data[:number], piece[:used]]
        if inflater.eof:
            break
    raise Refusal(RefusalCode.SIZE_MISMATCH, problem="fewer pixels than it says")


def _inflate(inflater: Any, piece: memoryview) -> Iterator[int]:
    """Yield how much comes out of a piece, window by window."""
    rest: bytes | memoryview = piece
    while not inflater.eof:
        try:
            length = len(inflater.decompress(rest, WINDOW_BYTES))
        except zlib.error as error:
            raise refuse_damage("its pixels cannot be unpacked") from error
        yield length
        rest = inflater.unconsumed_tail
        if not rest and length < WINDOW_BYTES:
            return


def _count_bytes(walk: _Walk) -> int:
    """Return how long the pixels are, with the byte in front of each row."""
    if not walk.is_interlaced:
        return walk.height * (1 + (walk.width * walk.bits_per_pixel + 7) // 8)
    total = 0
    for column, row, column_step, row_step in PASSES:
        width = (walk.width - column + column_step - 1) // column_step
        height = (walk.height - row + row_step - 1) // row_step
        if width > 0 and height > 0:
            total += height * (1 + (width * walk.bits_per_pixel + 7) // 8)
    return total


def _write_pieces(walk: _Walk, pixels: list[memoryview]) -> list[bytes | memoryview]:
    pieces: list[bytes | memoryview] = [SIGNATURE, _chunk(b"IHDR", walk.header)]
    # In the order that the standard asks for.
    names = (b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"PLTE", b"tRNS")
    pieces += [_chunk(name, walk.colors[name]) for name in names if name in walk.colors]
    if walk.orientation != UPRIGHT:
        pieces.append(_chunk(b"eXIf", make_orientation(walk.orientation)))
    checksum = zlib.crc32(b"IDAT")
    for piece in pixels:
        checksum = zlib.crc32(piece, checksum)
    length = sum(map(len, pixels))
    pieces += [struct.pack(">I4s", length, b"IDAT"), *pixels, struct.pack(">I", checksum)]
    return [*pieces, _chunk(b"IEND", b"")]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


INSPECTOR: Final = PngInspector()
