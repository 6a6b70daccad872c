"""HEIC: the boxes, and the sizes that the codec itself is told; stored as JPEG."""

import struct
from io import BytesIO
from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Decoded, Inspector, Piece, Structure
from .boxes import Box, find_box, read_boxes
from .color_profiles import rebuild_profile
from .dimensions import check_dimensions, refuse_damage
from .heic_items import DECODING_BYTES_PER_PIXEL, FULL_BOX_HEAD, read_items
from .raster import encode_image

__all__ = ["INSPECTOR"]

SHOWN_BOXES: Final = frozenset({b"ftyp", b"meta", b"mdat"})
"""What a picture needs of the outermost boxes; the others hold films and what programs added."""

STILL_PICTURE: Final = b"heic"
"""The brand of files that hold pictures."""


class HeicInspector(Inspector):
    """See :class:`Inspector`.

    Of a burst, and of a file with several pictures, the one that the file calls the main one is
    stored.
    """

    always_decodes = True

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        boxes = read_boxes(content, 0, len(content), policy)
        meta = find_box(boxes, b"meta")
        inner = read_boxes(content, meta.start + FULL_BOX_HEAD, meta.end, policy)
        handler = find_box(inner, b"hdlr")
        if content[handler.start + 8 : handler.start + 12] != b"pict":
            raise Refusal(RefusalCode.UNSUPPORTED, problem="its boxes hold no picture")
        items = read_items(content, inner, policy)
        primary = _read_primary(content, find_box(inner, b"pitm"))
        items.count_pixels(primary)
        width, height = max(items.sides, key=lambda sides: sides[0] * sides[1])
        facts = {"width": width, "height": height, "tiles": items.count_parts(primary)}
        return Structure(facts=facts, pieces=_hide_boxes(content, boxes, items.hidden))

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


def _read_primary(content: bytes, box: Box) -> int:
    form = ">H" if content[box.start] == 0 else ">I"
    (number,) = struct.unpack_from(form, content, box.start + FULL_BOX_HEAD)
    return int(number)


def _hide_boxes(content: bytes, boxes: list[Box], hidden: list[int]) -> list[Piece]:
    """Return the content with all that is no picture called free room, so that no decoder looks in.

    Everything stays where it is, since the pictures are found by their places.
    """
    hidden = hidden + [box.name_place for box in boxes if box.name not in SHOWN_BOXES]
    named = dict.fromkeys(hidden, b"free")
    brands = find_box(boxes, b"ftyp")
    # A burst is called one picture, since its film is hidden.
    named[brands.start] = STILL_PICTURE
    named |= dict.fromkeys(range(brands.start + 8, brands.end - 3, 4), STILL_PICTURE)
    pieces: list[Piece] = []
    view, place = memoryview(content), 0
    for start in sorted(named):
        pieces += [view[place:start], named[start]]
        place = start + 4
    return [*pieces, view[place:]]


INSPECTOR: Final = HeicInspector()
