"""HEIC files made item by item, so that tests can make those of telephones, and wrong ones."""

import struct
from collections.abc import Mapping, Sequence

from tests import samples

CONFIGURATION = samples.HEIC[172:290]
"""The codec's parameters of the sample, as a box."""
DATA = samples.HEIC[417:]
"""The sample's picture of 64 by 64 pixels."""


def box(name: bytes, body: bytes, *, length: int | None = None) -> bytes:
    return struct.pack(">I4s", len(body) + 8 if length is None else length, name) + body


def sides(width: int, height: int) -> bytes:
    return box(b"ispe", struct.pack(">III", 0, width, height))


def configure(width: int, height: int) -> bytes:
    """Return the codec's parameters for other sides."""
    place = CONFIGURATION.index(b"\x42\x01")
    unit = sequence(width, height)
    return CONFIGURATION[:place] + unit + CONFIGURATION[place + len(unit) :]


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


def tell_grid(rows: int, columns: int, width: int, height: int) -> bytes:
    """Return what an item says that is a grid of others."""
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)


def tell_overlay(count: int, width: int, height: int) -> bytes:
    """Return what an item says that lays others upon one another."""
    return struct.pack(">BB8xHH", 0, 0, width, height) + bytes(4 * count)


def refer(kind: bytes, source: int, *targets: int) -> bytes:
    return box(kind, struct.pack(f">HH{len(targets)}H", source, len(targets), *targets))


def make_heic(
    items: Sequence[tuple[bytes, bytes]],
    *references: bytes,
    properties: Sequence[bytes] = (CONFIGURATION, sides(64, 64)),
    associated: Mapping[int, Sequence[int]] | None = None,
    brands: bytes = b"heic\0\0\0\0mif1heic",
    behind: bytes = b"",
) -> bytes:
    """Return a file whose first item is the main one.

    Args:
        items: The type of each, from number 1 on, and what it says where it is no picture.
        references: See :func:`refer`.
        properties: The boxes of properties, numbered from 1 on.
        associated: The properties of each item by number; all have all but for those.
        brands: The body of the first box.
        behind: Boxes at the end.
    """
    inside = b"".join(told for _, told in items)
    entries, places, start = b"", b"", 0
    for number, (kind, told) in enumerate(items, start=1):
        entries += box(b"infe", struct.pack(">IHH4sx", 2 << 24, number, 0, kind))
        # Told within the index where there is something to tell, else the sample's picture.
        place = (1, start, len(told)) if told else (0, None, len(DATA))
        start += len(told)
        places += struct.pack(">HHHH", number, place[0], 0, 1)
        places += b"PLACE___" if place[1] is None else struct.pack(">II", place[1], place[2])
    everything = range(1, len(properties) + 1)
    table = struct.pack(">II", 0, len(items))
    for number in range(1, len(items) + 1):
        chosen = (associated or {}).get(number, everything)
        table += struct.pack(f">HB{len(chosen)}B", number, len(chosen), *chosen)
    body = bytes(4) + box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    body += box(b"pitm", struct.pack(">IH", 0, 1))
    body += box(b"iloc", struct.pack(">IBBH", 1 << 24, 0x44, 0, len(items)) + places)
    body += box(b"iinf", struct.pack(">IH", 0, len(items)) + entries)
    body += box(b"iref", bytes(4) + b"".join(references)) if references else b""
    body += box(b"iprp", box(b"ipco", b"".join(properties)) + box(b"ipma", table))
    body += box(b"idat", inside)
    head = box(b"ftyp", brands) + box(b"meta", body)
    picture = struct.pack(">II", len(head) + 8, len(DATA))
    return head.replace(b"PLACE___", picture) + box(b"mdat", DATA) + behind
