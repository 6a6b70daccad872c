"""A Merkle tree over the events of a seal, as of RFC 6962 (Certificate Transparency).

https://www.rfc-editor.org/rfc/rfc6962#section-2.1
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

__all__ = ["LEAF", "compute_root", "find_path", "follow_path"]

LEAF: Final = b"\x00"
"""The prefix of a leaf before hashing, so that an inner node cannot be passed off as a leaf."""

NODE: Final = b"\x01"

PathStep = tuple[str, bytes]
"""On which side a sibling stands (``left`` or ``right``), and its hash."""


def compute_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a tree of leaf hashes, of which there is at least one."""
    level = list(leaves)
    while len(level) > 1:
        level = _climb(level)
    return level[0]


def find_path(leaves: Sequence[bytes], index: int) -> list[PathStep]:
    """Return the siblings that lead from one leaf to the root."""
    path: list[PathStep] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        # The last node of an odd level has no sibling and moves up unchanged.
        if sibling < len(level):
            path.append(("left" if sibling < index else "right", level[sibling]))
        level = _climb(level)
        index //= 2
    return path


def follow_path(leaf: bytes, path: Sequence[PathStep]) -> bytes:
    """Return the root that a leaf and its siblings lead to."""
    node = leaf
    for side, sibling in path:
        pair = sibling + node if side == "left" else node + sibling
        node = sha256(NODE + pair).digest()
    return node


def _climb(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(NODE + left + right).digest() for left, right in pairs]
    return [*above, level[-1]] if len(level) % 2 else above
