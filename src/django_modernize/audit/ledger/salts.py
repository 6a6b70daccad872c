"""The random bytes that a seal stores for its events, and their removal by an erasure."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from .digests import SALT_BYTES
from .manifests import unpack_manifest
from .models import AuditSeal

__all__ = ["find_salt", "take_salts"]


def find_salt(salts: bytes, position: int) -> bytes:
    """Return the random bytes of the event at an index in its seal."""
    return salts[position * SALT_BYTES : (position + 1) * SALT_BYTES]


def take_salts(numbers: Collection[int], using: str = DEFAULT_DB_ALIAS) -> dict[int, bytes]:
    """Remove the random bytes of events from their seals, and return them.

    Args:
        numbers: The events. Those that are in no seal have none yet.
        using: The database, in a transaction in which the seals may be changed and nobody seals.

    Costs two statements for each seal that they are in.
    """
    taken: dict[int, bytes] = {}
    for seal, found in _group_by_seal(sorted(numbers), using):
        salts = bytearray(seal.salts)
        sealed, _ = unpack_manifest(bytes(seal.manifest))
        positions = {number: position for position, number in enumerate(sealed)}
        for number in found:
            if number in positions:
                start = positions[number] * SALT_BYTES
                taken[number] = bytes(salts[start : start + SALT_BYTES])
                salts[start : start + SALT_BYTES] = bytes(SALT_BYTES)
        AuditSeal._base_manager.using(using).filter(pk=seal.pk).update(salts=bytes(salts))
    return taken


def _group_by_seal(numbers: list[int], using: str) -> Iterator[tuple[Any, list[int]]]:
    """Yield each seal that keeps salts with those of the events that its range covers."""
    seals = AuditSeal._base_manager.using(using).exclude(salts=None).order_by("number")
    rest = numbers
    while rest:
        seal = seals.filter(last_id__gte=rest[0]).first()
        if seal is None:
            return
        found = [number for number in rest if number <= seal.last_id]
        yield seal, found
        rest = rest[len(found) :]
