"""The model of seals."""

import json
from hashlib import sha256
from typing import Any, Final

from django.db import models

from ..append_only import AppendOnlyModel
from .manifests import DIGEST_BYTES

__all__ = ["FIRST_PREVIOUS", "AuditSeal"]

FIRST_PREVIOUS: Final = bytes(32)
"""The previous digest of the first seal."""


class AuditSeal(AppendOnlyModel):
    """A seal over a range of final events.

    Its digest covers the digest of the previous seal, so a seal kept elsewhere shows whether any
    event up to it was changed.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    created_at = models.DateTimeField("at")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    """The events are those with a number from ``first_id`` up to this, the gaps between them the
    numbers of transactions that were rolled back."""

    event_count = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=DIGEST_BYTES)
    """The root of the Merkle tree over the digests of the events."""

    previous = models.BinaryField(max_length=DIGEST_BYTES, unique=True)
    digest = models.BinaryField(max_length=DIGEST_BYTES)
    signature = models.BinaryField(null=True)
    manifest_digest = models.BinaryField(max_length=DIGEST_BYTES)
    manifest = models.BinaryField(null=True)
    """The ids and digests of the events, with which ``verify()`` identifies those that differ."""

    salts = models.BinaryField(null=True)
    """The random bytes of the events, in their order; no digest of the seal covers them, since an
    erasure takes some away."""

    pruned_at = models.DateTimeField(null=True)
    """When the events were removed on purpose."""

    class Meta:
        app_label = "modernize_audit"
        db_table = "modernize_audit_seal"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"

    def compute_digest(self) -> bytes:
        """Return the digest of the seal's content."""
        said = [
            self.number,
            self.created_at.isoformat(),
            self.first_id,
            self.last_id,
            self.event_count,
            bytes(self.root).hex(),
            bytes(self.manifest_digest).hex(),
            bytes(self.previous).hex(),
        ]
        return sha256(json.dumps(said).encode()).digest()

    def to_dict(self) -> dict[str, Any]:
        """Return what to keep elsewhere, as JSON values."""
        return {
            "number": self.number,
            "created_at": self.created_at.isoformat(),
            "first_id": self.first_id,
            "last_id": self.last_id,
            "event_count": self.event_count,
            "root": bytes(self.root).hex(),
            "manifest_digest": bytes(self.manifest_digest).hex(),
            "previous": bytes(self.previous).hex(),
            "digest": bytes(self.digest).hex(),
            "signature": None if self.signature is None else bytes(self.signature).hex(),
        }
