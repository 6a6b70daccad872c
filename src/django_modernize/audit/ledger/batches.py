"""Compute the digests of many events at once, faster than :mod:`.digests` does one by one.

Most events record a single changed field, with nothing erased. If a whole range of events is like
that, their texts are joined, checked and split together, so that little more than the hashing
remains to be done for each.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256, shake_256
from itertools import repeat
from typing import Any, Final

from ..changes import ANY_BYTES, SEPARATOR
from .digests import (
    MISSING_CONTEXT,
    NO_CONTEXT,
    OWN_SALT_BYTES,
    PADDING,
    SALT_BYTES,
    EventRow,
    StoredEvent,
    digest_context,
    digest_event,
)
from .merkle import LEAF

__all__ = ["digest_contexts", "digest_events"]

STRETCH: Final = 512
"""How many events are processed together, so that their data fits into the processor's cache."""

NESTED: Final = '":{'
"""What the values of one side begin with."""

NOT_DIGESTED: Final = b""

SPLIT_FIVE: Final = struct.Struct(f"{OWN_SALT_BYTES}s" * 5).unpack
"""Takes the salts of a context's five values apart."""

ContextRow = tuple[int, str, str, str, str, str, bytes | None]
"""A number, the five values and the salt."""


def digest_events(
    events: Sequence[StoredEvent], contexts: Mapping[int, bytes], salts: bytes
) -> list[bytes]:
    """Return the hash of each event, the same as :func:`.digests.digest_event`.

    Args:
        events: The events.
        contexts: The digests of their contexts, by id.
        salts: The random bytes that the seal stores for them, in the order of the events.
    """
    leaves: list[bytes] = []
    circumstances: dict[Any, bytes] = {None: NO_CONTEXT, **contexts}
    for start in range(0, len(events), STRETCH):
        end = start + STRETCH
        part = events[start:end]
        kept = salts[start * SALT_BYTES : end * SALT_BYTES]
        alike = _digest_alike(part, circumstances, kept)
        leaves += alike or _digest_mixed(part, circumstances, kept)
    return leaves


def _digest_mixed(
    events: Sequence[StoredEvent], contexts: Mapping[Any, bytes], salts: bytes
) -> list[bytes]:
    """Return the hashes of any events, computing those that are alike together."""
    alike = [
        place
        for place, (_, _, _, text, own_salt) in enumerate(events)
        if text[:1] == "{" and SEPARATOR not in text and NESTED not in text and not own_salt
    ]
    starts = range(0, len(events) * SALT_BYTES, SALT_BYTES)
    # A seal that was tampered with may have too few.
    kept = [salts[start : start + SALT_BYTES] for start in starts]
    together = _digest_alike(
        [events[place] for place in alike], contexts, b"".join([kept[place] for place in alike])
    )
    leaves = [NOT_DIGESTED] * len(events)
    for place, leaf in zip(alike, together, strict=False):
        leaves[place] = leaf
    for place, leaf in enumerate(leaves):
        if leaf is NOT_DIGESTED:
            number, header, context_id, changes, own_salt = events[place]
            salt = bytes(own_salt) if own_salt else kept[place]
            row = EventRow(number, header, context_id, changes, salt)
            leaves[place] = digest_event(row, contexts.get(context_id, MISSING_CONTEXT))
    return leaves


def _digest_alike(
    events: Sequence[StoredEvent], contexts: Mapping[Any, bytes], salts: bytes
) -> list[bytes]:
    """Return the hashes of events that have one member each, nothing if others are among them."""
    if not events:
        return []
    numbers, headers, context_ids, texts, own_salts = zip(*events, strict=True)
    members = _strip_brackets(texts)
    openings = _encode_all(
        [f"{number},{header},,1," for number, header in zip(numbers, headers, strict=True)]
    )
    if not members or not openings or any(own_salts) or len(salts) != len(events) * SALT_BYTES:
        return []
    salted = zip(_split_salts(salts), repeat(PADDING), members, strict=False)
    digests = [sha256(content).digest() for content in map(b"".join, salted)]
    circumstances = map(contexts.get, context_ids, repeat(MISSING_CONTEXT))
    contents = zip(repeat(LEAF), openings, circumstances, digests, strict=False)
    return [sha256(content).digest() for content in map(b"".join, contents)]


def _strip_brackets(texts: Sequence[str]) -> list[bytes]:
    """Return what stands between the brackets of each text, nothing unless each is one member."""
    joined = "\0".join(texts)
    if joined[:1] != "{" or joined[-1:] != "}" or SEPARATOR in joined or NESTED in joined:
        return []
    members = joined[1:-1].encode("utf-8", ANY_BYTES).split(b"}\0{")
    # A text that has the seam in itself, or no brackets around it, would give another number.
    is_one_each = len(members) == len(texts) == joined.count("\0") + 1
    return members if is_one_each and all(members) else []


def _encode_all(texts: Sequence[str]) -> list[bytes]:
    """Return the bytes of each text, nothing if one of them has the seam in itself."""
    encoded = "\0".join(texts).encode("utf-8", ANY_BYTES).split(b"\0")
    return encoded if len(encoded) == len(texts) else []


def _split_salts(salts: bytes) -> Sequence[bytes]:
    return struct.unpack(f"{SALT_BYTES}s" * (len(salts) // SALT_BYTES), salts)


def digest_contexts(rows: Iterable[ContextRow]) -> dict[int, bytes]:
    """Return the digest of each context by id.

    There is one for every few events, so these take as long as the events themselves.
    """
    digests = {}
    for number, label, reason, request, address, browser, kept_salt in rows:
        salt = bytes(kept_salt or b"")
        if len(salt) > SALT_BYTES:
            values = (label, reason, request, address, browser)
            digests[number] = digest_context(number, values, salt)
            continue
        own = SPLIT_FIVE(shake_256(salt).digest(5 * OWN_SALT_BYTES))
        try:
            # Written out, since a loop over the five takes a fifth longer, and without saying
            # what to do with bytes that are no UTF-8, which takes a tenth.
            digests[number] = sha256(
                b"%d,%b%b%b%b%b"
                % (
                    number,
                    sha256(own[0] + label.encode()).digest(),
                    sha256(own[1] + reason.encode()).digest(),
                    sha256(own[2] + request.encode()).digest(),
                    sha256(own[3] + address.encode()).digest(),
                    sha256(own[4] + browser.encode()).digest(),
                )
            ).digest()
        except UnicodeEncodeError:
            values = (label, reason, request, address, browser)
            digests[number] = digest_context(number, values, salt)
    return digests
