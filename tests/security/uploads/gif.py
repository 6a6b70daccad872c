"""GIFs that lie, never end or break the rules."""

import struct
from collections.abc import Iterator

from tests import samples

from .case import Case, refuse

DATA = b"\2\2\x4c\1\0"
"""The codes of one pixel."""


def screen(width: int = 1, height: int = 1, flags: int = 0x80) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + bytes(6)


def frame(width: int = 1, height: int = 1, data: bytes = DATA, left: int = 0) -> bytes:
    return b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + data


SIZES = {
    "a screen of 65,535": (screen(65535, 1) + frame(), "sides"),
    "a screen of 10,000 by 10,000": (screen(10_000, 10_000) + frame(), "pixels"),
    "a screen without width": (screen(0, 1) + frame(), "damaged"),
    "a frame of 65,535": (screen() + frame(65535), "sides"),
    "a frame far to the right": (screen() + frame(left=65535), "sides"),
    "a frame without height": (screen() + frame(1, 0), "damaged"),
    "a frame of 10,000 by 10,000": (screen() + frame(10_000, 10_000), "pixels"),
}
STRUCTURES = {
    "no frame": (screen() + b";", "truncated"),
    "no end": (screen() + frame(), "truncated"),
    "an unknown block": (screen() + b"x" + frame(), "damaged"),
    "codes of 0 bits": (screen() + frame(data=b"\0\0"), "damaged"),
    "codes of 200 bits": (screen() + frame(data=b"\xc8\0"), "damaged"),
    "a control block of 9 bytes": (screen() + b"!\xf9\x09" + bytes(10) + frame(), "damaged"),
    "a palette beyond the end": (screen(flags=0x87), "truncated"),
    "codes beyond the end": (screen() + frame(data=b"\2\xff"), "truncated"),
}
DURATIONS = {
    "1,000 frames": (screen() + frame() * 1000, "frames"),
    "400 frames of a megapixel": (screen(1000, 1000) + frame() * 400, "pixels"),
}


def list_cases() -> Iterator[Case]:
    threats = {
        "a GIF that lies of its size": SIZES,
        "a broken GIF": STRUCTURES,
        "a GIF that burns time": DURATIONS,
    }
    for threat, files in threats.items():
        for title, (content, code) in files.items():
            yield refuse(threat, title, "a.gif", content, code)
    yield refuse(
        "a GIF that burns time",
        "a million blocks of one byte",
        "a.gif",
        lambda: screen() + frame(data=b"\2" + b"\1x" * 1_000_000 + b"\0") + b";",
        "too_many_pieces",
    )
    yield refuse(
        "a GIF that burns time",
        "a million comments",
        "a.gif",
        lambda: screen() + b"!\xfe\0" * 1_000_000 + frame() + b";",
        "too_many_pieces",
    )
    for part in range(1, 8):
        cut = samples.ANIMATED_GIF[: len(samples.ANIMATED_GIF) * part // 8]
        yield refuse("a GIF cut off", f"after {part} eighths", "a.gif", cut, "truncated")
