"""JPEGs that lie, burn time or hide what decoders stumble over."""

import struct
from collections.abc import Iterator

from tests import samples

from .case import Case, refuse

START, END = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, body: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2 if length is None else length) + body


def split(content: bytes) -> list[tuple[int, bytes]]:
    """Return the segments before the first scan."""
    found, place = [], 2
    while content[place + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", content, place + 2)
        found.append((content[place + 1], content[place + 4 : place + 2 + length]))
        place += 2 + length
    return found


def find_scans(content: bytes) -> bytes:
    """Return everything from the first scan to the end marker."""
    place = 2 + sum(len(body) + 4 for _, body in split(content))
    return content[place:-2]


def rebuild(*, frame=None, drop=(), extra=b"", scans=None, end=END, content=samples.JPEG) -> bytes:
    """Return the honest sample with another frame, without some segments, or with other scans."""
    body = extra
    for marker, inside in split(content):
        if marker in drop:
            continue
        if marker in (0xC0, 0xC2) and frame is not None:
            body += frame
        else:
            body += segment(marker, inside)
    return START + body + (find_scans(content) if scans is None else scans) + end


def frame(
    width=24, height=16, *, marker=0xC0, precision=8, components=3, sampling=0x11, rest=b""
) -> bytes:
    parts = b"".join(bytes([number + 1, sampling, 0]) for number in range(components))
    return segment(
        marker, struct.pack(">BHHB", precision, height, width, components) + parts + rest
    )


def scan(body: bytes = b"\1\1\0\0\x3f\0", data: bytes = b"\x55" * 40) -> bytes:
    return segment(0xDA, body) + data


LIES = {
    "65,500 wide": (rebuild(frame=frame(65500, 16)), "sides"),
    "16,000 by 16,000": (rebuild(frame=frame(16000, 16000)), "pixels"),
    "no width": (rebuild(frame=frame(0, 16)), "damaged"),
    "no height, told later": (rebuild(frame=frame(24, 0)), "damaged"),
    "4,000 by 4,000 in 400 bytes": (rebuild(frame=frame(4000, 4000)), "size_mismatch"),
}
STRUCTURES = {
    "no frame": (rebuild(frame=b""), "damaged"),
    "two frames": (rebuild(frame=frame() + frame()), "damaged"),
    "a scan before the frame": (START + scan() + frame() + END, "damaged"),
    "no scan": (rebuild(scans=b""), "truncated"),
    "no end": (rebuild(end=b""), "truncated"),
    "a frame that is too long": (rebuild(frame=frame(rest=b"x")), "damaged"),
    "a scan of no component": (rebuild(scans=scan(b"\0\0\x3f\0")), "damaged"),
    "a scan of nine components": (rebuild(scans=scan(b"\x09" + bytes(21))), "damaged"),
    "a scan that is too short": (rebuild(scans=scan(b"\3\1\0")), "damaged"),
    "a segment of length 0": (rebuild(extra=segment(0xE1, b"", length=0)), "truncated"),
    "a segment of length 1": (rebuild(extra=segment(0xE1, b"", length=1)), "truncated"),
    "a segment beyond the end": (rebuild(extra=segment(0xE1, b"", length=65535)), "truncated"),
    "bytes between segments": (rebuild(extra=segment(0xFE, b"") + b"\0\0"), "damaged"),
    "fill bytes to the end": (START + b"\xff" * 500, "truncated"),
    "sampling of 0": (rebuild(frame=frame(sampling=0x01)), "damaged"),
    "sampling of 15": (rebuild(frame=frame(sampling=0xFF)), "damaged"),
    "a start within": (rebuild(extra=START), "truncated"),
}
CODECS = {
    "arithmetic codes": rebuild(frame=frame(marker=0xC9)),
    "arithmetic progressive": rebuild(frame=frame(marker=0xCA)),
    "lossless": rebuild(frame=frame(marker=0xC3)),
    "hierarchical": rebuild(frame=frame(marker=0xC5)),
    "hierarchical header": rebuild(extra=segment(0xDE, bytes(6))),
    "arithmetic conditioning": rebuild(extra=segment(0xCC, bytes(2))),
    "lines told later": rebuild(extra=segment(0xDC, bytes(2))),
    "12 bits": rebuild(frame=frame(precision=12)),
    "no component": rebuild(frame=frame(components=0)),
    "two components": rebuild(frame=frame(components=2)),
    "255 components": rebuild(frame=frame(components=255)),
    "a reserved marker": rebuild(extra=segment(0x02, b"")),
}


def many_scans(count: int) -> bytes:
    whole = samples.PROGRESSIVE_JPEG
    more = segment(0xDA, b"\1\1\0\1\x3f\0") + b"\x55\x55"
    return whole[:-2] + more * count + END


def list_cases() -> Iterator[Case]:
    for title, (content, code) in LIES.items():
        yield refuse("a JPEG that lies of its size", title, "a.jpg", content, code)
    for title, (content, code) in STRUCTURES.items():
        yield refuse("a broken JPEG", title, "a.jpg", content, code)
    for title, content in CODECS.items():
        yield refuse("a JPEG for rare decoders", title, "a.jpg", content, "unsupported")
    for count in (30, 1_000, 15_000):
        title = f"{count} scans"
        yield refuse("a JPEG that burns time", title, "a.jpg", many_scans(count), "scans")
    yield refuse(
        "a JPEG that burns time",
        "scans of a baseline image",
        "a.jpg",
        rebuild(scans=find_scans(samples.JPEG) * 4),
        "scans",
    )
    yield refuse(
        "a JPEG that burns time",
        "a million segments",
        "a.jpg",
        lambda: rebuild(extra=segment(0xFE, b"") * 1_000_000),
        "too_many_pieces",
    )
    for part in range(1, 8):
        cut = samples.JPEG[: len(samples.JPEG) * part // 8]
        yield refuse("a JPEG cut off", f"after {part} eighths", "a.jpg", cut, "truncated")
