"""JPEG: walked from marker to marker, without decoding."""

import re
import struct
from dataclasses import dataclass, field
from typing import Final

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

KIND: Final = KINDS["jpeg"]

TABLES: Final = frozenset({0xDB, 0xC4, 0xDD})
"""Quantisation, Huffman codes, restart interval: what decoding needs beside frame and scans."""

FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, with Huffman codes: what every browser shows."""

PROGRESSIVE: Final = 0xC2
SCAN, END = 0xDA, 0xD9
APP0, APP1, APP2, APP14, APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
COMMENT: Final = 0xFE

EXIF: Final = b"Exif\0\0"
PROFILE: Final = b"ICC_PROFILE\0"

NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""The end of a scan: within it, 0xFF is followed by a zero or by a restart marker. (One literal
byte and one class is fifty times as fast as a pattern that begins with a repetition.)"""

BLOCK_PIXELS: Final = 64

BITMAP_BYTES, COEFFICIENT_BYTES = 4, 2
"""How much a decoder holds for each pixel, and for each coefficient."""


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What was met on the way."""

    policy: UploadPolicy
    width: int = 0
    height: int = 0
    components: int = 0
    is_progressive: bool = False
    scans: int = 0
    scanned_bytes: int = 0
    orientation: int = UPRIGHT
    adobe_transform: int | None = None
    profile_parts: dict[int, memoryview] = field(default_factory=dict)
    profile_count: int = 0
    pieces: list[bytes | memoryview] = field(default_factory=list)

    def facts(self) -> Facts:
        return {
            "width": self.width,
            "height": self.height,
            "scans": self.scans,
            "orientation": self.orientation,
        }


class JpegInspector(Inspector):
    """See :class:`Inspector`."""

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        walk, view = _Walk(policy=policy), memoryview(content)
        place = 2
        for count in range(1, len(content)):
            check_piece_count(count, policy)
            marker, place = _read_marker(content, place)
            if marker == END:
                break
            (length,) = struct.unpack_from(">H", content, place)
            end = place + length
            if length < 2 or end > len(content):
                raise Refusal(RefusalCode.TRUNCATED)
            body = view[place + 2 : end]
            if marker == SCAN:
                stop = _find_scan_end(content, end)
                _note_scan(walk, body, stop - end)
                walk.pieces.append(view[place - 2 : stop])
                place = stop
            else:
                _note_segment(walk, marker, body)
                if marker in TABLES or marker in FRAMES:
                    walk.pieces.append(b"\xff" + bytes([marker]) + view[place:end])
                place = end
        _check_whole(walk)
        head = [b"\xff\xd8", *_write_heads(walk)]
        return Structure(facts=walk.facts(), pieces=[*head, *walk.pieces, b"\xff\xd9"])

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return reencode_image(content, KIND, structure, policy)


def _read_marker(content: bytes, place: int) -> tuple[int, int]:
    """Return the marker at a place, and the place behind it; fill bytes may stand before it."""
    if content[place : place + 1] != b"\xff":
        if place >= len(content):
            raise Refusal(RefusalCode.TRUNCATED)
        raise refuse_damage("a marker is missing")
    while content[place : place + 1] == b"\xff":
        place += 1
    if place >= len(content):
        raise Refusal(RefusalCode.TRUNCATED)
    return content[place], place + 1


def _find_scan_end(content: bytes, start: int) -> int:
    found = NEXT_MARKER.search(content, start)
    if found is None:
        raise Refusal(RefusalCode.TRUNCATED)
    return found.start()


def _note_segment(walk: _Walk, marker: int, body: memoryview) -> None:
    if marker in FRAMES:
        _note_frame(walk, marker, body)
    elif marker == APP1 and bytes(body[:6]) == EXIF and walk.orientation == UPRIGHT:
        walk.orientation = read_orientation(body[6:])
    elif marker == APP2 and bytes(body[:12]) == PROFILE and len(body) > 14:
        walk.profile_parts[body[12]] = body[14:]
        walk.profile_count = body[13]
    elif marker == APP14 and bytes(body[:5]) == b"Adobe" and len(body) >= 12:
        walk.adobe_transform = body[11]
    elif marker not in TABLES and marker != COMMENT and not APP0 <= marker <= APP15:
        raise Refusal(RefusalCode.UNSUPPORTED, problem=f"the JPEG marker {marker:#x}")


def _note_frame(walk: _Walk, marker: int, body: memoryview) -> None:
    if walk.components:
        raise refuse_damage("it has two frames")
    precision, height, width, components = struct.unpack_from(">BHHB", body)
    if len(body) != 6 + 3 * components:
        raise refuse_damage("the frame has the wrong length")
    if precision != 8:
        raise Refusal(RefusalCode.UNSUPPORTED, problem=f"{precision} bits per colour")
    if components not in (1, 3, 4):
        raise Refusal(RefusalCode.UNSUPPORTED, problem=f"{components} colours")
    if not all(1 <= part <= 4 for code in body[7::3] for part in (code >> 4, code & 15)):
        raise refuse_damage("its sampling factors are impossible")
    walk.width, walk.height, walk.components = width, height, components
    walk.is_progressive = marker == PROGRESSIVE
    needed = float(BITMAP_BYTES)
    if walk.is_progressive and walk.policy.mode == "strict":
        # A decoder holds it as coefficients until the last scan.
        needed += COEFFICIENT_BYTES * _count_samples(bytes(body[7::3]))
    check_dimensions(width, height, walk.policy, bytes_per_pixel=needed)


def _count_samples(sampling: bytes) -> float:
    """Return how many samples there are for a pixel: 1.5 where colours have half the sides."""
    areas = [(code >> 4) * (code & 15) for code in sampling]
    return sum(areas) / max(areas)


def _note_scan(walk: _Walk, body: memoryview, length: int) -> None:
    if not walk.components:
        raise refuse_damage("a scan comes before the frame")
    selected = body[0]
    if not 1 <= selected <= walk.components or len(body) != 4 + 2 * selected:
        raise refuse_damage("a scan has the wrong length")
    walk.scans += 1
    walk.scanned_bytes += length
    most = walk.policy.max_scans if walk.is_progressive else walk.components
    if walk.scans > most:
        raise Refusal(RefusalCode.SCANS, limit=most)


def _check_whole(walk: _Walk) -> None:
    if not walk.scans:
        raise Refusal(RefusalCode.TRUNCATED)
    blocks = walk.width * walk.height // BLOCK_PIXELS
    # The shortest code of a block has one bit, and without it there is no block.
    if walk.scanned_bytes * 8 < blocks:
        raise Refusal(
            RefusalCode.SIZE_MISMATCH,
            problem=f"{walk.scanned_bytes} bytes for {walk.width * walk.height} pixels",
        )


def _write_heads(walk: _Walk) -> list[bytes]:
    """Return the segments that tell how the pixels are to be read, made anew."""
    heads = []
    if walk.adobe_transform is None:
        heads.append(_segment(APP0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"))
    else:
        heads.append(_segment(APP14, b"Adobe\0\x64\0\0\0\0" + bytes([walk.adobe_transform])))
    if walk.orientation != UPRIGHT:
        heads.append(_segment(APP1, EXIF + make_orientation(walk.orientation)))
    if profile := rebuild_profile(_join_profile(walk)):
        heads.append(_segment(APP2, PROFILE + b"\x01\x01" + profile))
    return heads


def _join_profile(walk: _Walk) -> bytes:
    """Return the profile out of the segments that it was divided into; empty if one is missing."""
    parts = walk.profile_parts
    is_whole = sorted(parts) == list(range(1, walk.profile_count + 1))
    if not is_whole or sum(map(len, parts.values())) > PROFILE_MAX_BYTES:
        return b""
    return b"".join(parts[number] for number in sorted(parts))


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


INSPECTOR: Final = JpegInspector()
