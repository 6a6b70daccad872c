"""Images made byte by byte, so that tests can make wrong ones, and need no package."""

import random
import struct
import zlib

from django.core.files.base import ContentFile

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(name: bytes, body: bytes, *, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(name + body) if checksum is None else checksum
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", checksum)


def png_header(width: int, height: int, *, depth: int = 8, color: int = 2, rest: bytes = b"\0\0\0"):
    return png_chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, color) + rest)


def make_png(width: int = 4, height: int = 3, *, extra: bytes = b"", shade: int = 0) -> bytes:
    """Return an RGB image of one colour; ``extra`` are chunks between header and pixels."""
    rows = (b"\0" + bytes([shade]) * 3 * width) * height
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return PNG_SIGNATURE + png_header(width, height) + extra + pixels + png_chunk(b"IEND", b"")


def make_noise(width: int, height: int) -> bytes:
    """Return an RGB image that cannot be made smaller, the same each time."""
    dice = random.Random(1)
    rows = b"".join(b"\0" + dice.randbytes(3 * width) for _ in range(height))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return PNG_SIGNATURE + png_header(width, height) + pixels + png_chunk(b"IEND", b"")


def upload(content: bytes, name: str = "photo.png") -> ContentFile:
    return ContentFile(content, name=name)
