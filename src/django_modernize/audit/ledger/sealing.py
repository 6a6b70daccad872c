"""Seal events: record their digests once no transaction can add an earlier one."""

import hmac
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ...conf import get_settings
from .batches import digest_events
from .digests import SALT_BYTES
from .horizon import find_horizon
from .manifests import pack_manifest
from .merkle import compute_root
from .models import FIRST_PREVIOUS, AuditSeal
from .rows import read_pages

__all__ = ["exclude_sealing", "seal", "sign_digest"]

EVENTS_PER_SEAL: Final = 65_536

LOCK_NUMBER: Final = 0x6D6F6465726E697A
"""The key of the advisory lock that lets only one process seal at a time."""


def seal(using: str = DEFAULT_DB_ALIAS, *, wait: float = 10.0) -> list[AuditSeal]:
    """Seal all events that are final.

    No writer waits for it. An event that is not sealed yet could be rewritten without a trace, so
    seal often: every minute leaves a window of one minute.

    Args:
        using: The database.
        wait: For how many seconds to wait for transactions that are writing events.

    Returns:
        The new seals, of at most 65,536 events each; none if there was nothing to seal.

    Raises:
        SealingDelayed: Such transactions stayed open for longer. Nothing is lost: seal again.

    Costs two queries for each 8,192 events, and the memory of one seal (a few megabytes).
    """
    connection = connections[using]
    horizon = find_horizon(connection, wait)
    seals: list[AuditSeal] = []
    try:
        while (made := _seal_next(connection, horizon)) is not None:
            seals.append(made)
            # One with room left took all that there was.
            if made.event_count < EVENTS_PER_SEAL:
                break
    except IntegrityError:
        # The other one has made this seal just now, which a transaction that goes on seeing what it
        # saw first (REPEATABLE READ) does not see.
        pass
    return seals


def sign_digest(digest: bytes) -> bytes | None:
    """Return the signature of a digest, or ``None`` if no key is set."""
    key = get_settings().audit_signing_key
    return hmac.digest(key.encode(), digest, "sha256") if key else None


def _seal_next(connection: BaseDatabaseWrapper, horizon: int) -> AuditSeal | None:
    with transaction.atomic(using=connection.alias):
        exclude_sealing(connection)
        seals = AuditSeal._base_manager.using(connection.alias)
        last = seals.order_by("-number").only("number", "last_id", "digest").first()
        made = _make_seal(connection, last, horizon)
        if made is not None:
            seals.bulk_create([made])
        return made


def exclude_sealing(connection: BaseDatabaseWrapper) -> None:
    """Prevent others from sealing until the transaction ends, waiting for a sealing in progress."""
    # On SQLite a transaction that has read cannot write any more once another one has.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])


def _read_next(
    connection: BaseDatabaseWrapper, after: int, horizon: int
) -> tuple[list[int], list[bytes], bytes]:
    """Return the numbers, digests and salts of the events that the next seal is over."""
    numbers: list[int] = []
    leaves: list[bytes] = []
    salts = bytearray()
    for page in read_pages(connection, after, horizon):
        drawn = token_bytes(SALT_BYTES * len(page.events))
        numbers += page.numbers
        leaves += digest_events(page.events, page.contexts, drawn)
        salts += drawn
        if len(numbers) >= EVENTS_PER_SEAL:
            break
    end = EVENTS_PER_SEAL
    return numbers[:end], leaves[:end], bytes(salts[: end * SALT_BYTES])


def _make_seal(
    connection: BaseDatabaseWrapper, last: AuditSeal | None, horizon: int
) -> AuditSeal | None:
    after = 0 if last is None else last.last_id
    numbers, leaves, salts = _read_next(connection, after, horizon)
    if not numbers:
        return None
    manifest = pack_manifest(numbers, leaves)
    made = AuditSeal(
        number=1 if last is None else last.number + 1,
        created_at=timezone.now(),
        first_id=after + 1,
        last_id=numbers[-1],
        event_count=len(leaves),
        root=compute_root(leaves),
        previous=FIRST_PREVIOUS if last is None else bytes(last.digest),
        manifest_digest=sha256(manifest).digest(),
        manifest=manifest,
        salts=salts,
    )
    made.digest = made.compute_digest()
    made.signature = sign_digest(made.digest)
    return made
