"""WebPs that lie or break the rules."""

import struct
from collections.abc import Iterator

from tests import samples

from .case import Case, refuse

PICTURE = samples.WEBP[20 : 20 + struct.unpack_from("<I", samples.WEBP, 16)[0]]
SIDES = (24, 16)


def chunk(name: bytes, body: bytes, *, length: int | None = None) -> bytes:
    told = len(body) if length is None else length
    return struct.pack("<4sI", name, told) + body + bytes(len(body) % 2)


def put_together(*chunks: bytes, length: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body) if length is None else length) + body


def number(value: int) -> bytes:
    return struct.pack("<I", value)[:3]


def canvas(width: int, height: int, flags: int = 0) -> bytes:
    return chunk(b"VP8X", struct.pack("<I", flags) + number(width - 1) + number(height - 1))


def frame(left: int = 0, top: int = 0, sides=SIDES, picture: bytes = PICTURE) -> bytes:
    place = number(left // 2) + number(top // 2) + number(sides[0] - 1) + number(sides[1] - 1)
    return chunk(b"ANMF", place + number(50) + b"\0" + chunk(b"VP8 ", picture))


def lossy(width: int, height: int) -> bytes:
    return PICTURE[:6] + struct.pack("<HH", width, height) + PICTURE[10:]


STILL = chunk(b"VP8 ", PICTURE)
BEGIN = chunk(b"ANIM", bytes(6))
FILES = {
    "a canvas of 16,777,216": (put_together(canvas(1 << 24, 1), STILL), "sides"),
    "a canvas of 16,000 by 16,000": (put_together(canvas(16_000, 16_000), STILL), "pixels"),
    "a picture of 16,383 by 16,383": (
        put_together(chunk(b"VP8 ", lossy(16_383, 16_383))),
        "pixels",
    ),
    "a picture without width": (put_together(chunk(b"VP8 ", lossy(0, 16))), "damaged"),
    "a lossless picture of 16,384 by 16,384": (
        put_together(chunk(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(16))),
        "pixels",
    ),
    "a picture of other sides than its canvas": (
        put_together(canvas(100, 100), STILL),
        "size_mismatch",
    ),
    "a frame beyond the canvas": (
        put_together(canvas(*SIDES, 2), BEGIN, frame(left=10)),
        "size_mismatch",
    ),
    "a frame of other sides than its picture": (
        put_together(canvas(*SIDES, 2), BEGIN, frame(sides=(20, 16))),
        "size_mismatch",
    ),
    "two pictures": (put_together(STILL, STILL), "damaged"),
    "frames without a canvas": (put_together(BEGIN, frame()), "damaged"),
    "frames without a beginning": (put_together(canvas(*SIDES, 2), frame()), "damaged"),
    "a late canvas": (put_together(STILL, canvas(*SIDES)), "damaged"),
    "a canvas of two bytes": (put_together(chunk(b"VP8X", b"\0\0")), "damaged"),
    "no key frame": (put_together(chunk(b"VP8 ", b"\1" + PICTURE[1:])), "damaged"),
    "no start code": (put_together(chunk(b"VP8 ", PICTURE[:3] + b"xxx" + PICTURE[6:])), "damaged"),
    "a first part beyond the end": (
        put_together(chunk(b"VP8 ", b"\xf0\xff\xff" + PICTURE[3:])),
        "truncated",
    ),
    "a lossless version of 7": (
        put_together(chunk(b"VP8L", b"\x2f\0\0\0\xe0" + bytes(16))),
        "damaged",
    ),
    "a chunk beyond the end": (
        put_together(chunk(b"VP8 ", PICTURE, length=0xFFFFFFF0)),
        "truncated",
    ),
    "a container beyond the end": (put_together(STILL, length=0xFFFFFFF0), "truncated"),
    "an empty container": (put_together(length=4), "truncated"),
    "no picture": (put_together(canvas(*SIDES)), "truncated"),
    "600 frames": (put_together(canvas(*SIDES, 2), BEGIN, frame() * 600), "frames"),
    "a frame without a picture": (
        put_together(canvas(*SIDES, 2), BEGIN, chunk(b"ANMF", bytes(16))),
        "damaged",
    ),
}


def list_cases() -> Iterator[Case]:
    for title, (content, code) in FILES.items():
        yield refuse("a WebP that lies or is broken", title, "a.webp", content, code)
    yield refuse(
        "a WebP that burns time",
        "a million chunks",
        "a.webp",
        lambda: put_together(chunk(b"XXXX", b"") * 1_000_000, STILL),
        "too_many_pieces",
    )
    for part in range(1, 8):
        cut = samples.WEBP[: len(samples.WEBP) * part // 8]
        yield refuse("a WebP cut off", f"after {part} eighths", "a.webp", cut, "truncated")
