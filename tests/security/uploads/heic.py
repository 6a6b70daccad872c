"""HEICs that lie or break the rules; all end before a decoder sees them."""

import struct
from collections.abc import Iterator

from tests import samples

from .case import Case, refuse

SIDES = b"ispe\0\0\0\0"
START = samples.HEIC[:28]


def patch(old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new) and old in samples.HEIC
    return samples.HEIC.replace(old, new, 1)


def with_sides(width: int, height: int) -> bytes:
    old = SIDES + struct.pack(">II", 64, 64)
    return patch(old, SIDES + struct.pack(">II", width, height))


def box(name: bytes, body: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">I4s", len(body) + 8 if length is None else length, name) + body


def with_parameters(unit: bytes) -> bytes:
    """Return the sample whose codec is told something else."""
    place = samples.HEIC.index(b"\x42\x01")
    return samples.HEIC[:place] + unit + samples.HEIC[place + len(unit) :]


def sequence(width: int, height: int) -> bytes:
    """Return the beginning of sequence parameters: nothing but what leads to the sides."""
    bits = "0000" + "000" + "1" + "0" * 96 + exponential(0) + exponential(1)
    bits += exponential(width) + exponential(height)
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return b"\x42\x01" + escape(data)


def escape(data: bytes) -> bytes:
    """Return data that never look like a marker, as an encoder writes them."""
    escaped = bytearray()
    for byte in data:
        if escaped[-2:] == b"\0\0" and byte <= 3:
            escaped.append(3)
        escaped.append(byte)
    return bytes(escaped)


def exponential(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


FILES = {
    "boxes that say 100,000": (with_sides(100_000, 100), "sides"),
    "boxes that say 16,000 by 16,000": (with_sides(16_000, 16_000), "pixels"),
    "boxes without width": (with_sides(0, 64), "damaged"),
    "a codec that is told 16,000 by 16,000": (with_parameters(sequence(16_000, 16_000)), "pixels"),
    "a codec that is told 200,000": (with_parameters(sequence(200_000, 8)), "sides"),
    "a codec that is told an endless number": (
        with_parameters(b"\x42\x01" + bytes(30)),
        "damaged",
    ),
    "no boxes behind the first": (START, "damaged"),
    "a box that is shorter than its head": (START + box(b"meta", b"", length=4), "damaged"),
    "a box beyond the end": (START + box(b"meta", b"", length=9999), "truncated"),
    "a box of 2^63 bytes": (
        START + struct.pack(">I4sQ", 1, b"meta", 1 << 63),
        "truncated",
    ),
    "two main boxes": (samples.HEIC + box(b"meta", bytes(40)), "damaged"),
    "no picture but a film": (patch(b"pict", b"vide"), "unsupported"),
    "another codec": (patch(b"hvc1", b"av01"), "unsupported"),
    "a picture made of others": (patch(b"hvc1", b"iovl"), "unsupported"),
    "uncompressed pixels": (patch(b"hvc1", b"unci"), "unsupported"),
    "a grid whose sides are pixels of a picture": (patch(b"hvc1", b"grid"), "sides"),
    "an item that is not there": (patch(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\7"), "unsupported"),
    "no sizes": (patch(b"ispe", b"free"), "damaged"),
    "no parameters": (patch(b"hvcC", b"free"), "damaged"),
    "no list of items": (patch(b"iinf", b"free"), "damaged"),
}


def list_cases() -> Iterator[Case]:
    for title, (content, code) in FILES.items():
        yield refuse("a HEIC that lies or is broken", title, "a.heic", content, code)
    yield refuse(
        "a HEIC that burns time",
        "a million boxes",
        "a.heic",
        lambda: START + box(b"free", b"") * 1_000_000,
        "too_many_pieces",
    )
