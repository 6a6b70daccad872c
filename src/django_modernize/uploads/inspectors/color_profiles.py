"""Color profiles, rebuilt from the numbers that define the colors.

A profile is a file within the file: it has room for texts, names of devices and whole tables that
nobody needs. What is kept are the points and curves of an RGB or grey profile; one that works by
tables (for printers) is left out.
"""

import struct
from typing import Final

__all__ = ["PROFILE_MAX_BYTES", "rebuild_profile"]

PROFILE_MAX_BYTES: Final = 256 * 1024

HEADER_LENGTH: Final = 128
COLOR_TAGS: Final = {
    b"RGB ": (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"wtpt"),
    b"GRAY": (b"kTRC", b"wtpt"),
}
"""The tags without which a profile of that colour space cannot be used."""

ADAPTATION_TAG: Final = b"chad"
MOST_TAGS: Final = 100
CURVE_MAX_POINTS: Final = 4096
PARAMETER_COUNTS: Final = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}


def rebuild_profile(profile: bytes) -> bytes:
    """Return a profile of the same colours and nothing else; empty if that cannot be done.

    Args:
        profile: The ICC profile as it stood in the image.
    """
    try:
        return _rebuild(profile)
    # Numbers beyond the end: the image is shown without its profile, as most programs do.
    except (struct.error, KeyError, ValueError):
        return b""


def _rebuild(profile: bytes) -> bytes:
    if not HEADER_LENGTH < len(profile) <= PROFILE_MAX_BYTES or profile[36:40] != b"acsp":
        return b""
    space, connection = profile[16:20], profile[20:24]
    if connection != b"XYZ ":
        return b""
    found = _find_tags(profile)
    names = [*COLOR_TAGS[space], *([ADAPTATION_TAG] if ADAPTATION_TAG in found else [])]
    values = {name: _read_number_tag(*found[name], profile) for name in names}
    version = 4 if profile[8] >= 4 else 2
    return _assemble(space, version, {**_write_texts(version), **values})


def _find_tags(profile: bytes) -> dict[bytes, tuple[int, int]]:
    (count,) = struct.unpack_from(">I", profile, HEADER_LENGTH)
    if count > MOST_TAGS:
        raise ValueError
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count))
    return {name: (start, length) for name, start, length in entries}


def _read_number_tag(start: int, length: int, profile: bytes) -> bytes:
    """Return a tag of points or of a curve, cut to the length that its own numbers say."""
    kind = profile[start : start + 4]
    if kind == b"XYZ ":
        wanted = 20
    elif kind == b"sf32":
        wanted = 8 + 36
    elif kind == b"curv":
        (points,) = struct.unpack_from(">I", profile, start + 8)
        if points > CURVE_MAX_POINTS:
            raise ValueError
        wanted = 12 + 2 * points
    elif kind == b"para":
        (function,) = struct.unpack_from(">H", profile, start + 8)
        wanted = 12 + 4 * PARAMETER_COUNTS[function]
    else:
        raise ValueError
    if wanted > length or start + wanted > len(profile):
        raise ValueError
    return kind + bytes(4) + profile[start + 8 : start + wanted]


def _write_texts(version: int) -> dict[bytes, bytes]:
    """Return the two texts that every profile has to have."""
    text = b"RGB"
    if version == 4:
        wide = text.decode().encode("utf-16-be")
        words = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(wide), 28) + wide
        return {b"desc": words, b"cprt": words}
    described = struct.pack(">4sII", b"desc", 0, len(text) + 1) + text + bytes(1 + 8 + 3 + 67)
    return {b"desc": described, b"cprt": b"text" + bytes(4) + text + bytes(1)}


def _assemble(space: bytes, version: int, tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = HEADER_LENGTH + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4xB3x4s4s4s12x4s28xIII48x",
        HEADER_LENGTH + len(table) + len(body),
        version,
        b"mntr",
        space,
        b"XYZ ",
        b"acsp",
        # The white of the connection space (D50), which the standard fixes.
        0x0000F6D6,
        0x00010000,
        0x0000D32D,
    )
    return header + table + body
