"""PNGs that lie, explode or break the rules."""

import struct
import zlib
from collections.abc import Iterator

from tests.images import PNG_SIGNATURE, make_png, png_chunk, png_header

from .case import Case, refuse

END = png_chunk(b"IEND", b"")
PIXELS = zlib.compress((b"\0" + bytes(12)) * 3)


def put_together(*chunks: bytes) -> bytes:
    return PNG_SIGNATURE + b"".join(chunks)


def with_pixels(data: bytes, width: int = 4, height: int = 3) -> bytes:
    return put_together(png_header(width, height), png_chunk(b"IDAT", data), END)


def with_header(*values: int) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *values))
    return put_together(header, png_chunk(b"IDAT", PIXELS), END)


def with_damaged_checksum(name: bytes) -> bytes:
    content = bytearray(make_png(extra=png_chunk(b"tEXt", b"a\0b")))
    place = content.index(name)
    (length,) = struct.unpack_from(">I", content, place - 4)
    content[place + 4 + length] ^= 1
    return bytes(content)


SIZES = {
    "2,000,000,000 wide": (with_header(2_000_000_000, 1, 8, 2, 0, 0, 0), "sides"),
    "more than a 32-bit number of pixels": (with_header(16_000, 16_000, 8, 2, 0, 0, 0), "pixels"),
    "deep colours": (with_header(7_000, 7_000, 16, 6, 0, 0, 0), "pixels"),
    "no width": (with_header(0, 3, 8, 2, 0, 0, 0), "damaged"),
    "no height": (with_header(4, 0, 8, 2, 0, 0, 0), "damaged"),
    "fewer pixels than told": (with_pixels(PIXELS, height=4), "size_mismatch"),
    "more pixels than told": (with_pixels(PIXELS, height=2), "size_mismatch"),
    "interlaced, with the pixels of another": (with_header(4, 3, 8, 2, 0, 0, 1), "size_mismatch"),
    "no pixel at all": (with_pixels(zlib.compress(b"")), "size_mismatch"),
}
HEADERS = {
    "a depth of 3": (4, 3, 3, 2, 0, 0, 0),
    "a depth of 4 for colours": (4, 3, 4, 2, 0, 0, 0),
    "colours of type 5": (4, 3, 8, 5, 0, 0, 0),
    "another compression": (4, 3, 8, 2, 1, 0, 0),
    "another filter": (4, 3, 8, 2, 0, 1, 0),
    "interlacing of type 2": (4, 3, 8, 2, 0, 0, 2),
}
STRUCTURES = {
    "no header": (put_together(png_chunk(b"IDAT", PIXELS), END), "damaged"),
    "two headers": (make_png(extra=png_header(4, 3)), "damaged"),
    "a short header": (put_together(png_chunk(b"IHDR", bytes(5)), END), "damaged"),
    "no pixels": (put_together(png_header(4, 3), END), "truncated"),
    "no end": (put_together(png_header(4, 3), png_chunk(b"IDAT", PIXELS)), "truncated"),
    "scattered pixels": (
        put_together(
            png_header(4, 3),
            png_chunk(b"IDAT", PIXELS[:5]),
            png_chunk(b"tEXt", b""),
            png_chunk(b"IDAT", PIXELS[5:]),
            END,
        ),
        "damaged",
    ),
    "no palette": (with_header(4, 3, 8, 3, 0, 0, 0), "damaged"),
    "a palette of four bytes": (make_png(extra=png_chunk(b"PLTE", bytes(4))), "damaged"),
    "a palette of 300 colours": (make_png(extra=png_chunk(b"PLTE", bytes(900))), "damaged"),
    "two palettes": (make_png(extra=png_chunk(b"PLTE", bytes(3)) * 2), "damaged"),
    "Apple's own kind": (put_together(png_chunk(b"CgBI", bytes(4)), png_header(4, 3)), "damaged"),
    "an unknown critical chunk": (make_png(extra=png_chunk(b"EVIL", b"")), "unsupported"),
    "a chunk beyond the end": (
        put_together(png_header(4, 3), struct.pack(">I4s", 0xFFFFFFFF, b"IDAT")),
        "truncated",
    ),
    "no zlib stream": (with_pixels(b"not zlib"), "damaged"),
    "a wrong sum of the pixels": (with_pixels(PIXELS[:-1] + b"\0"), "damaged"),
}  # fmt: skip


def list_cases() -> Iterator[Case]:
    for title, (content, code) in SIZES.items():
        yield refuse("a PNG that lies of its size", title, "a.png", content, code)
    for title, values in HEADERS.items():
        yield refuse(
            "a PNG of a kind that is none", title, "a.png", with_header(*values), "damaged"
        )
    for title, (content, code) in STRUCTURES.items():
        yield refuse("a broken PNG", title, "a.png", content, code)
    for name in (b"IHDR", b"tEXt", b"IDAT"):
        content = with_damaged_checksum(name)
        yield refuse("a PNG with a wrong checksum", name.decode(), "a.png", content, "checksum")
    for megabytes in (1, 100):
        yield refuse(
            "a PNG that explodes",
            f"{megabytes} MB of pixels for twelve",
            "a.png",
            lambda size=megabytes: with_pixels(zlib.compress(bytes(size << 20))),
            "size_mismatch",
        )
    yield refuse(
        "a PNG that burns time",
        "a million chunks",
        "a.png",
        lambda: make_png(extra=png_chunk(b"tEXt", b"") * 1_000_000),
        "too_many_pieces",
    )
    whole = make_png()
    for part in range(2, 8):
        cut = whole[: len(whole) * part // 8]
        yield refuse("a PNG cut off", f"after {part} eighths", "a.png", cut, "truncated")
