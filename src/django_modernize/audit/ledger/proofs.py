"""Prove that an event is in a seal, to somebody without access to the database."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from ...exceptions import ModernizeError
from ..changes import split_members
from ..models import AuditEvent
from .batches import digest_events
from .digests import digest_parts, find_context
from .manifests import split_digests, unpack_manifest
from .merkle import LEAF, find_path, follow_path
from .models import AuditSeal
from .rows import read_pages
from .salts import find_salt

__all__ = ["ProofError", "check_proof", "prove"]


class ProofError(ModernizeError, ValueError):
    """An event cannot be proven, or a proof does not hold."""


def prove(event: AuditEvent, using: str | None = None) -> dict[str, Any]:
    """Return a proof that an event was sealed, as JSON values.

    It holds the event's values and the path from them to the root of its seal. :func:`check_proof`
    needs nothing else but the seal, which may have been kept anywhere.

    Args:
        event: A sealed event.
        using: The database; by default that of the event.

    Raises:
        ProofError: The event is not sealed yet, or is not what was sealed.

    Costs four queries.
    """
    using = using or event._state.db or DEFAULT_DB_ALIAS
    seals = AuditSeal._base_manager.using(using)
    seal = seals.filter(first_id__lte=event.pk, last_id__gte=event.pk).first()
    if seal is None or seal.manifest is None:
        raise ProofError(f"Event {event.pk} is not sealed, so it has no proof. Run audit_seal.")
    numbers, digests = unpack_manifest(bytes(seal.manifest))
    leaves = split_digests(digests)
    page = next(read_pages(connections[using], event.pk - 1, event.pk), None)
    position = numbers.index(event.pk) if event.pk in numbers else None
    if page is None or position is None:
        raise _refuse(event)
    ((number, header, context_id, changes, own_salt),) = page.events
    salt = bytes(own_salt) if own_salt else find_salt(bytes(seal.salts or b""), position)
    if digest_events(page.events, page.contexts, salt) != [leaves[position]]:
        raise _refuse(event)
    side, members = split_members(changes) if changes else ("", [])
    return {
        "seal": seal.to_dict(),
        "opening": f"{number},{header},{side},{len(members)},",
        "context": find_context(context_id, page.contexts).hex(),
        "members": members,
        "digests": [digest.hex() for digest in digest_parts(members, salt)],
        "salt": salt.hex(),
        "path": [[way, digest.hex()] for way, digest in find_path(leaves, position)],
    }


def _refuse(event: AuditEvent) -> ProofError:
    return ProofError(f"Event {event.pk} differs from what was sealed. Run audit_verify.")


def check_proof(proof: Mapping[str, Any], seal: Mapping[str, Any]) -> bool:
    """Return whether a proof matches a seal that was kept elsewhere.

    Args:
        proof: The result of :func:`prove`. ``members`` and ``salt`` may be removed, to prove that
            the event exists without revealing its values.
        seal: The seal, as exported by ``export_seals()``.
    """
    digests = [bytes.fromhex(digest) for digest in proof["digests"]]
    members = proof.get("members")
    if members is not None and digest_parts(members, bytes.fromhex(proof["salt"])) != digests:
        return False
    content = proof["opening"].encode() + bytes.fromhex(proof["context"]) + b"".join(digests)
    path = [(way, bytes.fromhex(digest)) for way, digest in proof["path"]]
    root = follow_path(sha256(LEAF + content).digest(), path)
    return root == bytes.fromhex(seal["root"])
