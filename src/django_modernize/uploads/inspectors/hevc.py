"""Read the image size that an HEVC decoder uses, from the sequence parameters.

A file's boxes may say 100 by 100 pixels and its codec 16,000 by 16,000: the codec's word decides
how much memory is taken.
"""

import struct

from .dimensions import refuse_damage

__all__ = ["read_coded_sides"]

CONFIGURATION_HEAD = 22
SEQUENCE_PARAMETERS = 33
LONGEST_NUMBER = 32
MOST_SUB_LAYERS = 7
PROFILE_BITS, LEVEL_BITS = 88, 8
SEPARATE_PLANES = 3


class _Bits:
    """Reads numbers of some bits each."""

    def __init__(self, content: bytes) -> None:
        # A byte that keeps the data from looking like a marker.
        plain = content.replace(b"\0\0\3", b"\0\0")
        self.number = int.from_bytes(plain, "big")
        self.left = 8 * len(plain)

    def read(self, count: int) -> int:
        if count > self.left:
            raise refuse_damage("the codec's parameters end too early")
        self.left -= count
        return self.number >> self.left & ((1 << count) - 1)

    def read_exponential(self) -> int:
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > LONGEST_NUMBER:
                raise refuse_damage("the codec's parameters have an impossible number")
        return (1 << zeros) - 1 + self.read(zeros)


def read_coded_sides(configuration: bytes) -> tuple[int, int]:
    """Return width and height, the larger ones where several sets of parameters are there.

    Args:
        configuration: The body of the box ``hvcC``.

    Raises:
        Refusal: There are none, or they are damaged.
    """
    found = [_read_sides(unit) for unit in _list_units(configuration)]
    if not found:
        raise refuse_damage("the codec's parameters are missing")
    return max(width for width, _ in found), max(height for _, height in found)


def _list_units(configuration: bytes) -> list[bytes]:
    units = []
    place = CONFIGURATION_HEAD + 1
    for _ in range(configuration[CONFIGURATION_HEAD]):
        kind, count = struct.unpack_from(">BH", configuration, place)
        place += 3
        for _ in range(count):
            (length,) = struct.unpack_from(">H", configuration, place)
            unit = configuration[place + 2 : place + 2 + length]
            if kind & 0x3F == SEQUENCE_PARAMETERS:
                units.append(unit)
            place += 2 + length
    return units


def _read_sides(unit: bytes) -> tuple[int, int]:
    # 256 bytes hold far more than what stands before the size.
    bits = _Bits(unit[2:256])
    bits.read(4)
    sub_layers = bits.read(3)
    bits.read(1 + PROFILE_BITS + LEVEL_BITS)
    _skip_sub_layers(bits, sub_layers)
    bits.read_exponential()
    if bits.read_exponential() == SEPARATE_PLANES:
        bits.read(1)
    return bits.read_exponential(), bits.read_exponential()


def _skip_sub_layers(bits: _Bits, count: int) -> None:
    if count >= MOST_SUB_LAYERS:
        raise refuse_damage("the codec's parameters have impossible layers")
    present = [(bits.read(1), bits.read(1)) for _ in range(count)]
    if count:
        bits.read(2 * (8 - count))
    for has_profile, has_level in present:
        bits.read(PROFILE_BITS * has_profile + LEVEL_BITS * has_level)
