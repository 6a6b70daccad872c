"""GIF: blocks and frames."""

import struct
from dataclasses import dataclass, field
from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Facts, Refusal
from .base import Decoded, Inspector, Structure
from .dimensions import check_dimensions, check_piece_count, refuse_damage
from .raster import reencode_image

__all__ = ["INSPECTOR"]

KIND: Final = KINDS["gif"]

EXTENSION, FRAME, END = 0x21, 0x2C, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
LOOPS: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
"""The applications whose block tells how often an animation is repeated."""

LOOP_LENGTH: Final = 19
CONTROL_LENGTH: Final = 8
HAS_COLORS: Final = 0x80
SUB_BLOCK_LENGTH: Final = 255


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What was met on the way."""

    policy: UploadPolicy
    content: bytes
    width: int
    height: int
    sub_blocks: int = 0
    frames: int = 0
    loop: bytes = b""
    pieces: list[bytes | memoryview] = field(default_factory=list)

    def facts(self) -> Facts:
        return {"width": self.width, "height": self.height, "frames": self.frames}

    @property
    def most_sub_blocks(self) -> int:
        # Full ones, as encoders write them, and a fair number of others.
        return len(self.content) // SUB_BLOCK_LENGTH + self.policy.max_pieces


class GifInspector(Inspector):
    """See :class:`Inspector`."""

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        width, height, flags = struct.unpack_from("<HHB", content, 6)
        check_dimensions(width, height, policy)
        walk = _Walk(policy=policy, content=content, width=width, height=height)
        place = 13 + _palette_length(flags)
        head = memoryview(content)[:place]
        for count in range(1, len(content)):
            check_piece_count(count, policy)
            introducer = content[place]
            if introducer == END:
                break
            if introducer == EXTENSION:
                place = _note_extension(walk, place)
            elif introducer == FRAME:
                place = _note_frame(walk, place)
            else:
                raise refuse_damage("an unknown block")
        if not walk.frames:
            raise Refusal(RefusalCode.TRUNCATED)
        return Structure(facts=walk.facts(), pieces=[head, walk.loop, *walk.pieces, b";"])

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return reencode_image(content, KIND, structure, policy)


def _note_extension(walk: _Walk, place: int) -> int:
    label, length = walk.content[place + 1], walk.content[place + 2]
    end = _skip_sub_blocks(walk, place + 2)
    block = memoryview(walk.content)[place:end]
    if label == GRAPHIC_CONTROL:
        if len(block) != CONTROL_LENGTH or length != 4:
            raise refuse_damage("a control block has the wrong length")
        walk.pieces.append(block)
    elif label == APPLICATION and bytes(block[3:14]) in LOOPS and len(block) == LOOP_LENGTH:
        walk.loop = bytes(block)
    # Comments, plain text and what else applications put there end here.
    return end


def _note_frame(walk: _Walk, place: int) -> int:
    left, top, width, height, flags = struct.unpack_from("<HHHHB", walk.content, place + 1)
    if not width or not height:
        raise refuse_damage("a frame has no width or no height")
    walk.frames += 1
    # Each frame is drawn upon the whole screen, which grows with a frame that leads beyond it.
    check_dimensions(
        max(left + width, walk.width),
        max(top + height, walk.height),
        walk.policy,
        frames=walk.frames,
    )
    data = place + 10 + _palette_length(flags)
    if not 2 <= walk.content[data] <= 11:
        raise refuse_damage("a frame's codes have an impossible width")
    end = _skip_sub_blocks(walk, data + 1)
    walk.pieces.append(memoryview(walk.content)[place:end])
    return end


def _skip_sub_blocks(walk: _Walk, place: int) -> int:
    """Return the place behind a chain of blocks of up to 255 bytes, which an empty one ends."""
    content = walk.content
    while length := content[place]:
        place += length + 1
        walk.sub_blocks += 1
        if walk.sub_blocks > walk.most_sub_blocks:
            raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=walk.most_sub_blocks)
    return place + 1


def _palette_length(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & HAS_COLORS else 0


INSPECTOR: Final = GifInspector()
