"""The digest of an event, designed so that values can be erased without breaking it.

The digest covers a salted digest of each value instead of the values. Each value has its own salt,
derived from random bytes that are drawn when the event is sealed and stored with the seal. Erasing
a value replaces it with its digest and removes its salt: the digest of the event does not change,
the remaining values can still be verified, and nobody can guess the erased name or amount. The
remaining salts of such an event are stored in its own row, as are the random bytes of older events.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256, shake_256
from typing import Final, NamedTuple

from ..changes import ANY_BYTES, split_members

__all__ = [
    "NO_CONTEXT",
    "SALT_BYTES",
    "EventRow",
    "StoredEvent",
    "digest_context",
    "digest_event",
    "digest_parts",
    "find_context",
    "seal_salt",
]

SALT_BYTES: Final = 16
"""How many random bytes an event gets."""

OWN_SALT_BYTES: Final = 32

ENTRY_BYTES: Final = 1 + OWN_SALT_BYTES
"""One byte that says what follows, and room for a digest."""

KEPT: Final = 0
ERASED: Final = 1

NO_CONTEXT: Final = b""
"""The digest of an empty context."""

MISSING_CONTEXT: Final = b"the row of the context is missing"

PADDING: Final = bytes(OWN_SALT_BYTES - SALT_BYTES)
"""Derives the salt of an event's only value from its random bytes."""


class EventRow(NamedTuple):
    """An event as selected for hashing."""

    id: int
    header: str
    """All columns except the id, context and values, concatenated unambiguously."""

    context_id: int | None
    changes: str
    salt: bytes
    """Its own, or what the seal keeps for it."""


StoredEvent = tuple[int, str, int | None, str, bytes | None]
"""As an :class:`EventRow`, with the salt of its own alone."""


def find_context(context_id: int | None, contexts: Mapping[int, bytes]) -> bytes:
    """Return the digest of an event's context."""
    return NO_CONTEXT if context_id is None else contexts.get(context_id, MISSING_CONTEXT)


def digest_event(event: EventRow, context: bytes) -> bytes:
    """Return the hash of an event, with a NUL byte prefix since it is a leaf of a Merkle tree.

    Args:
        event: The event.
        context: The digest of its context.
    """
    side, members = split_members(event.changes) if event.changes else ("", [])
    opening = f"\0{event.id},{event.header},{side},{len(members)},"
    parts = b"".join(digest_parts(members, event.salt))
    return sha256(opening.encode(errors=ANY_BYTES) + context + parts).digest()


def digest_context(number: int, values: Sequence[str], salt: bytes) -> bytes:
    """Return the hash of a context."""
    return sha256(f"{number},".encode() + b"".join(digest_parts(values, salt))).digest()


def digest_parts(parts: Sequence[str], salt: bytes) -> list[bytes]:
    """Return the salted digest of each part, or the stored digest if the part was erased."""
    if len(salt) <= SALT_BYTES:
        return [
            sha256(own_salt + part.encode(errors=ANY_BYTES)).digest()
            for own_salt, part in zip(derive_salts(salt, len(parts)), parts, strict=True)
        ]
    entries = [salt[start : start + ENTRY_BYTES] for start in range(0, len(salt), ENTRY_BYTES)]
    if len(entries) != len(parts):
        return [b"the values and their salts are not of the same number"]
    return [_digest_entry(entry, part) for entry, part in zip(entries, parts, strict=True)]


def derive_salts(salt: bytes, count: int) -> Sequence[bytes]:
    """Return a salt for each part of an event. None of them reveals another."""
    if count == 1:
        return [salt.ljust(OWN_SALT_BYTES, b"\x00")]
    stream = shake_256(salt).digest(OWN_SALT_BYTES * count)
    # Use one call, since slicing for each takes twice as long.
    return struct.unpack(f"{OWN_SALT_BYTES}s" * count, stream)


def seal_salt(parts: Sequence[str], salt: bytes, erased: Iterable[int]) -> bytes:
    """Return the salt of an event after erasing some of its parts.

    Args:
        parts: All parts as they are before the erasure.
        salt: The salt as it is before the erasure.
        erased: The positions of the parts to erase.
    """
    gone = set(erased)
    digests = digest_parts(parts, salt)
    entries = _list_entries(len(parts), salt)
    return b"".join(
        bytes([ERASED]) + digests[position] if position in gone else entry
        for position, entry in enumerate(entries)
    )


def _list_entries(count: int, salt: bytes) -> list[bytes]:
    if len(salt) > SALT_BYTES:
        return [salt[start : start + ENTRY_BYTES] for start in range(0, len(salt), ENTRY_BYTES)]
    return [
        (bytes([KEPT]) + own_salt).ljust(ENTRY_BYTES, b"\x00")
        for own_salt in derive_salts(salt, count)
    ]


def _digest_entry(entry: bytes, part: str) -> bytes:
    if entry[0] == ERASED:
        return entry[1:]
    return sha256(entry[1:] + part.encode(errors=ANY_BYTES)).digest()
