"""WebP: chunks of RIFF, and the sizes in the pictures' own headers."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Facts, Refusal
from .base import Decoded, Inspector, Structure
from .color_profiles import rebuild_profile
from .dimensions import check_dimensions, check_piece_count, refuse_damage
from .orientation import UPRIGHT, make_orientation, read_orientation
from .raster import reencode_image

__all__ = ["INSPECTOR"]

KIND: Final = KINDS["webp"]

HEAD_LENGTH: Final = 12
LOSSY, LOSSLESS, ALPHA = b"VP8 ", b"VP8L", b"ALPH"
EXTENDED, ANIMATION, FRAME = b"VP8X", b"ANIM", b"ANMF"

HAS_PROFILE, HAS_ALPHA, HAS_EXIF, IS_ANIMATED = 0x20, 0x10, 0x08, 0x02
LOSSY_START: Final = b"\x9d\x01\x2a"
LOSSLESS_START: Final = 0x2F
FRAME_HEAD_LENGTH: Final = 16

Chunk = tuple[bytes, memoryview]
Sides = tuple[int, int]


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What was met on the way."""

    policy: UploadPolicy
    canvas: Sides | None = None
    flags: int = 0
    first: Sides | None = None
    profile: bytes = b""
    orientation: int = UPRIGHT
    animation: bytes = b""
    frames: int = 0
    chunks: list[bytes] = field(default_factory=list)

    @property
    def sides(self) -> Sides:
        sides = self.canvas or self.first
        if sides is None:
            raise Refusal(RefusalCode.TRUNCATED)
        return sides

    def facts(self) -> Facts:
        width, height = self.sides
        return {
            "width": width,
            "height": height,
            "frames": self.frames or 1,
            "orientation": self.orientation,
        }


class WebpInspector(Inspector):
    """See :class:`Inspector`."""

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        (length,) = struct.unpack_from("<I", content, 4)
        end = 8 + length
        if end > len(content) or length < 12:
            raise Refusal(RefusalCode.TRUNCATED)
        walk = _Walk(policy=policy)
        inner = memoryview(content)[HEAD_LENGTH:end]
        for number, (name, body) in enumerate(_read_chunks(inner, policy)):
            if name == EXTENDED and number:
                raise refuse_damage("its canvas is told too late")
            _note_chunk(walk, name, body)
        _check_whole(walk)
        chunks = _write_chunks(walk)
        head = struct.pack("<4sI4s", b"RIFF", sum(map(len, chunks)) + 4, b"WEBP")
        return Structure(facts=walk.facts(), pieces=[head, *chunks])

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return reencode_image(content, KIND, structure, policy)


def _read_chunks(view: memoryview, policy: UploadPolicy) -> Iterator[Chunk]:
    place, count = 0, 0
    while place < len(view):
        count += 1
        check_piece_count(count, policy)
        if place + 8 > len(view):
            raise Refusal(RefusalCode.TRUNCATED)
        name, length = struct.unpack_from("<4sI", view, place)
        end = place + 8 + length
        if end > len(view):
            raise Refusal(RefusalCode.TRUNCATED)
        yield name, view[place + 8 : end]
        place = end + length % 2


def _note_chunk(walk: _Walk, name: bytes, body: memoryview) -> None:
    if name == EXTENDED:
        _note_canvas(walk, body)
    elif name in (LOSSY, LOSSLESS):
        _note_picture(walk, name, body)
    elif name == ALPHA and walk.canvas:
        walk.chunks.append(_chunk(name, body))
    elif name == ANIMATION and len(body) == 6:
        walk.animation = bytes(body)
    elif name == FRAME:
        _note_frame(walk, body)
    elif name == b"ICCP":
        walk.profile = rebuild_profile(bytes(body))
    elif name == b"EXIF":
        walk.orientation = read_orientation(_strip_prefix(body))
    # Everything else, XMP among it, ends here.


def _note_canvas(walk: _Walk, body: memoryview) -> None:
    if len(body) < 10:
        raise refuse_damage("its canvas has the wrong length")
    walk.flags = body[0]
    walk.canvas = _read_24(body, 4) + 1, _read_24(body, 7) + 1
    check_dimensions(*walk.canvas, walk.policy)


def _note_picture(walk: _Walk, name: bytes, body: memoryview) -> None:
    if walk.first is not None or walk.frames:
        raise refuse_damage("it has two pictures")
    walk.first = _read_sides(name, body)
    check_dimensions(*walk.first, walk.policy)
    walk.chunks.append(_chunk(name, body))


def _note_frame(walk: _Walk, body: memoryview) -> None:
    if walk.canvas is None or walk.first is not None or len(body) < FRAME_HEAD_LENGTH:
        raise refuse_damage("a frame stands where none belongs")
    walk.frames += 1
    check_dimensions(*walk.canvas, walk.policy, frames=walk.frames)
    sides = _read_24(body, 6) + 1, _read_24(body, 9) + 1
    left, top = 2 * _read_24(body, 0), 2 * _read_24(body, 3)
    if left + sides[0] > walk.canvas[0] or top + sides[1] > walk.canvas[1]:
        raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a frame beyond the canvas")
    kept, pictures = bytes(body[:FRAME_HEAD_LENGTH]), 0
    for name, inner in _read_chunks(body[FRAME_HEAD_LENGTH:], walk.policy):
        if name in (LOSSY, LOSSLESS):
            pictures += 1
            if _read_sides(name, inner) != sides:
                raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a frame of other sides")
        if name in (LOSSY, LOSSLESS, ALPHA):
            kept += _chunk(name, inner)
    if pictures != 1:
        raise refuse_damage("a frame needs one picture")
    walk.chunks.append(_chunk(FRAME, kept))


def _read_sides(name: bytes, body: memoryview) -> Sides:
    """Return the sides out of a picture's own header.

    Raises:
        Refusal: It is no such picture, or shorter than its own header says.
    """
    if name == LOSSY:
        if len(body) < 10 or bytes(body[3:6]) != LOSSY_START or body[0] & 1:
            raise refuse_damage("a picture does not begin with a key frame")
        first_part = (body[0] | body[1] << 8 | body[2] << 16) >> 5
        if 10 + first_part > len(body):
            raise Refusal(RefusalCode.TRUNCATED)
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if len(body) < 5 or body[0] != LOSSLESS_START or body[4] >> 5:
        raise refuse_damage("a picture has the wrong start")
    (bits,) = struct.unpack_from("<I", body, 1)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _check_whole(walk: _Walk) -> None:
    if not walk.chunks or (walk.first is None and not walk.frames):
        raise Refusal(RefusalCode.TRUNCATED)
    if walk.frames and not walk.animation:
        raise refuse_damage("its animation has no beginning")
    if walk.canvas and walk.first and walk.canvas != walk.first:
        raise Refusal(RefusalCode.SIZE_MISMATCH, problem="a picture of other sides than its canvas")


def _write_chunks(walk: _Walk) -> list[bytes]:
    has_extras = walk.profile or walk.orientation != UPRIGHT or walk.frames or len(walk.chunks) > 1
    if not has_extras and not walk.flags & HAS_ALPHA:
        return walk.chunks
    flags = walk.flags & HAS_ALPHA
    flags |= HAS_PROFILE if walk.profile else 0
    flags |= HAS_EXIF if walk.orientation != UPRIGHT else 0
    flags |= IS_ANIMATED if walk.frames else 0
    sides = b"".join(struct.pack("<I", side - 1)[:3] for side in walk.sides)
    chunks = [_chunk(EXTENDED, struct.pack("<I", flags) + sides)]
    if walk.profile:
        chunks.append(_chunk(b"ICCP", walk.profile))
    if walk.frames:
        chunks.append(_chunk(ANIMATION, walk.animation))
    chunks += walk.chunks
    if walk.orientation != UPRIGHT:
        chunks.append(_chunk(b"EXIF", make_orientation(walk.orientation)))
    return chunks


def _strip_prefix(exif: memoryview) -> memoryview:
    # Some programs write the prefix that belongs to JPEG.
    return exif[6:] if bytes(exif[:6]) == b"Exif\0\0" else exif


def _read_24(view: memoryview, place: int) -> int:
    return view[place] | view[place + 1] << 8 | view[place + 2] << 16


def _chunk(name: bytes, body: bytes | memoryview) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + bytes(len(body) % 2)


INSPECTOR: Final = WebpInspector()
