"""HEICs that lie or break the rules; all end before a decoder sees them."""

import struct
from collections.abc import Iterator
from typing import Any

from tests import samples
from tests.heics import (
    CONFIGURATION,
    box,
    configure,
    make_heic,
    refer,
    sequence,
    sides,
    tell_grid,
    tell_overlay,
)

from .case import Case, refuse

SIDES = b"ispe\0\0\0\0"
START = samples.HEIC[:28]


def patch(old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new) and old in samples.HEIC
    return samples.HEIC.replace(old, new, 1)


def with_sides(width: int, height: int) -> bytes:
    old = SIDES + struct.pack(">II", 64, 64)
    return patch(old, SIDES + struct.pack(">II", width, height))


def with_parameters(unit: bytes) -> bytes:
    """Return the sample whose codec is told something else."""
    place = samples.HEIC.index(b"\x42\x01")
    return samples.HEIC[:place] + unit + samples.HEIC[place + len(unit) :]


ONE, LARGE = (b"hvc1", b""), (configure(5_000, 5_000), sides(64, 64))
GRID, OVERLAY = (b"grid", tell_grid(2, 3, 100, 100)), (b"iovl", tell_overlay(2, 64, 64))


def made_of(kind: tuple[bytes, bytes], count: int, *more: bytes, **options: Any) -> bytes:
    """Return a picture that names one other that many times."""
    return make_heic([kind, ONE], refer(b"dimg", 1, *[2] * count), *more, **options)


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
    "a picture made of others that are not there": (patch(b"hvc1", b"iovl"), "sides"),
    "a grid that grows": (made_of(GRID, 6, properties=LARGE), "pixels"),
    "a grid with too few tiles": (made_of(GRID, 5), "damaged"),
    "a grid of grids": (
        make_heic([GRID, GRID, ONE], refer(b"dimg", 1, *[2] * 6), refer(b"dimg", 2, *[3] * 6)),
        "unsupported",
    ),
    "a grid of itself": (make_heic([GRID], refer(b"dimg", 1, *[1] * 6)), "unsupported"),
    "an overlay of many large ones": (made_of(OVERLAY, 9, properties=LARGE), "pixels"),
    "an overlay of 20,001": (made_of(OVERLAY, 20_001), "too_many_pieces"),
    "an overlay upon an endless canvas": (
        made_of((b"iovl", tell_overlay(2, 60_000, 9)), 2),
        "sides",
    ),
    "parts told twice": (made_of(OVERLAY, 2, refer(b"dimg", 1, 2, 2)), "damaged"),
    "a list of parts beyond the end": (
        make_heic([OVERLAY, ONE], box(b"dimg", struct.pack(">HHH", 1, 9, 2))),
        "truncated",
    ),
    "two parameters for one picture": (
        make_heic([ONE], properties=(CONFIGURATION, *LARGE)),
        "damaged",
    ),
    "a picture without parameters": (make_heic([ONE], associated={1: [2]}), "damaged"),
    "a film without pictures": (
        make_heic([ONE], brands=b"msf1\0\0\0\0msf1hevc"),
        "unknown_type",
    ),
    "uncompressed pixels": (patch(b"hvc1", b"unci"), "unsupported"),
    "a grid of no tiles": (patch(b"hvc1", b"grid"), "damaged"),
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
