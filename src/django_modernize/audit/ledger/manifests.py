"""The manifest of a seal: the ids and digests of its events, as bytes."""

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

__all__ = ["DIGEST_BYTES", "pack_manifest", "split_digests", "unpack_manifest"]

DIGEST_BYTES: Final = 32


def pack_manifest(numbers: Sequence[int], leaves: Sequence[bytes]) -> bytes:
    """Return ids and digests as bytes. Consecutive ids take almost no space."""
    steps = [after - before for before, after in zip([0, *numbers], numbers, strict=False)]
    packed = zlib.compress(struct.pack(f"<{len(steps)}Q", *steps))
    return struct.pack("<II", len(numbers), len(packed)) + packed + b"".join(leaves)


def unpack_manifest(manifest: bytes) -> tuple[list[int], bytes]:
    """Return the numbers of the events of a seal, and their digests one after the other.

    Raises:
        ValueError: It is not a manifest, or it is damaged.
    """
    try:
        count, size = struct.unpack_from("<II", manifest)
        steps = struct.unpack(f"<{count}Q", zlib.decompress(manifest[8 : 8 + size]))
    except (struct.error, zlib.error) as error:
        raise ValueError(f"The manifest cannot be read: {error}.") from error
    digests = manifest[8 + size :]
    if len(digests) != count * DIGEST_BYTES:
        raise ValueError("The manifest holds a different number of digests than events.")
    return list(accumulate(steps)), digests


def split_digests(digests: bytes) -> list[bytes]:
    """Return digests that stand one after the other."""
    starts = range(0, len(digests), DIGEST_BYTES)
    return [digests[start : start + DIGEST_BYTES] for start in starts]
