"""The orientation of a photo, which is the only Exif value that is kept."""

import struct
from typing import Final

__all__ = ["UPRIGHT", "make_orientation", "read_orientation"]

UPRIGHT: Final = 1
ORIENTATION_TAG: Final = 0x0112
SHORT: Final = 3
MOST_ENTRIES: Final = 500


def read_orientation(exif: bytes | memoryview) -> int:
    """Return the orientation out of Exif's TIFF structure, 1 to 8; 1 where it cannot be read.

    Only the first directory is looked at, and no offset but its own is followed.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(exif[:2]))
    if order is None or len(exif) < 10:
        return UPRIGHT
    (start,) = struct.unpack_from(f"{order}I", exif, 4)
    if start + 2 > len(exif):
        return UPRIGHT
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for number in range(min(count, MOST_ENTRIES)):
        place = start + 2 + 12 * number
        if place + 12 > len(exif):
            break
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
        if tag == ORIENTATION_TAG and kind == SHORT and 1 <= value <= 8:
            return int(value)
    return UPRIGHT


def make_orientation(orientation: int) -> bytes:
    """Return an Exif TIFF structure that says nothing but the orientation."""
    head = struct.pack(">2sHI", b"MM", 42, 8)
    entry = struct.pack(">HHIHH", ORIENTATION_TAG, SHORT, 1, orientation, 0)
    return head + struct.pack(">H", 1) + entry + struct.pack(">I", 0)
