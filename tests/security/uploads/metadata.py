"""Honest images that carry something along: it ends here, and the image goes on."""

import struct
import zlib
from collections.abc import Iterator

from tests import samples
from tests.images import make_png, png_chunk

from .case import PAGE, SCRIPT, Case, disarm
from .foreign import make_zip
from .jpeg import rebuild, segment
from .webp import SIDES, STILL, canvas, chunk, put_together

TRAILERS = {
    "a script": SCRIPT,
    "a page": PAGE,
    "an archive": make_zip(),
    "a program": b"MZ\x90\0This program cannot be run in DOS mode.",
    "another image": make_png(shade=77),
    "a document": b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript >> >>",
}
IMAGES = {
    "a.png": make_png(),
    "a.jpg": samples.JPEG,
    "b.jpg": samples.PROGRESSIVE_JPEG,
    "a.gif": samples.GIF,
    "b.gif": samples.ANIMATED_GIF,
    "a.webp": samples.WEBP,
    "b.webp": samples.ANIMATED_WEBP,
}


def make_exif(text: bytes) -> bytes:
    """Return Exif of a description, a place on earth and an orientation."""
    count = 3
    texts = 8 + 2 + 12 * count + 4
    entries = struct.pack(">HHII", 0x010E, 2, len(text), texts)
    entries += struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    entries += struct.pack(">HHII", 0x8825, 4, 1, texts)
    return struct.pack(">2sHIH", b"MM", 42, 8, count) + entries + bytes(4) + text


def make_profile(text: bytes) -> bytes:
    """Return a colour profile that is nothing but text."""
    header = bytearray(128)
    header[12:24] = b"mntrRGB XYZ "
    header[36:40] = b"acsp"
    return bytes(header) + struct.pack(">I4sII", 1, b"desc", 144, len(text)) + text


def list_jpegs() -> Iterator[tuple[str, bytes]]:
    places = {
        "comment": segment(0xFE, SCRIPT),
        "Exif": segment(0xE1, b"Exif\0\0" + make_exif(SCRIPT)),
        "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SCRIPT),
        "Photoshop": segment(0xED, b"Photoshop 3.0\0" + SCRIPT),
        "profile": segment(0xE2, b"ICC_PROFILE\0\1\1" + make_profile(SCRIPT)),
        "Adobe": segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + SCRIPT),
        "JFIF thumbnail": segment(0xE0, b"JFXX\0\x13" + SCRIPT),
        "unknown": segment(0xEB, SCRIPT),
    }
    for title, extra in places.items():
        yield title, rebuild(extra=extra)


def list_pngs() -> Iterator[tuple[str, bytes]]:
    places = {
        "text": png_chunk(b"tEXt", b"Comment\0" + SCRIPT),
        "international text": png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SCRIPT),
        "Exif": png_chunk(b"eXIf", make_exif(SCRIPT)),
        "private": png_chunk(b"eviL", SCRIPT),
        "time": png_chunk(b"tIME", SCRIPT),
        "suggested palette": png_chunk(b"sPLT", SCRIPT),
        "transparency": png_chunk(b"gAMA", SCRIPT),
        "animation": png_chunk(b"acTL", struct.pack(">II", 1 << 30, 0) + SCRIPT),
        "profile": png_chunk(b"iCCP", SCRIPT + b"\0\0" + zlib.compress(make_profile(SCRIPT))),
    }
    for title, extra in places.items():
        yield title, make_png(extra=extra)
    pixels = zlib.compress((b"\0" + bytes(12)) * 3) + SCRIPT
    whole = make_png()
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    yield "behind the pixels", whole[:start] + png_chunk(b"IDAT", pixels) + whole[end:]


def list_gifs() -> Iterator[tuple[str, bytes]]:
    block = bytes([len(SCRIPT)]) + SCRIPT + b"\0"
    places = {
        "comment": b"!\xfe" + block,
        "text": b"!\x01\x0c" + bytes(12) + block,
        "application": b"!\xff\x0bXMP DataXMP" + block,
        "loop": b"!\xff\x0bNETSCAPE2.0" + block,
        "unknown": b"!\x99" + block,
    }
    for title, extra in places.items():
        head = 13 + (3 << ((samples.GIF[10] & 7) + 1))
        yield title, samples.GIF[:head] + extra + samples.GIF[head:]


def list_webps() -> Iterator[tuple[str, bytes]]:
    places = {
        "Exif": (0x08, chunk(b"EXIF", make_exif(SCRIPT))),
        "XMP": (0x04, chunk(b"XMP ", SCRIPT)),
        "profile": (0x20, chunk(b"ICCP", make_profile(SCRIPT))),
        "unknown": (0, chunk(b"EVIL", SCRIPT)),
    }
    for title, (flags, extra) in places.items():
        yield title, put_together(canvas(*SIDES, flags), extra, STILL)


def list_cases() -> Iterator[Case]:
    for name, image in IMAGES.items():
        for title, trailer in TRAILERS.items():
            yield disarm(
                "something behind the end", f"{title} in {name}", name, image + trailer, trailer
            )
    metadata = {
        "a.jpg": list_jpegs(),
        "a.png": list_pngs(),
        "a.gif": list_gifs(),
        "a.webp": list_webps(),
    }
    for name, contents in metadata.items():
        for title, content in contents:
            yield disarm("something in the metadata", f"{title} of {name}", name, content, SCRIPT)
