"""Removes old events on purpose: whole seals, so that the rest can still be proven."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from ..locking import unlocked
from ..models import AuditAction, AuditEvent
from ..recording import RecordedEvent, record_events
from .models import AuditSeal

__all__ = ["PruneReport", "prune"]

# Of a transaction whose events are in two seals, the circumstances are still needed.
DELETE_CONTEXTS: Final = """
DELETE FROM modernize_audit_context WHERE id IN
  (SELECT context_id FROM modernize_audit_event WHERE id >= %s AND id <= %s)
AND NOT EXISTS (SELECT 1 FROM modernize_audit_event later
  WHERE later.context_id = modernize_audit_context.id AND later.id > %s)
"""

DELETE_EVENTS: Final = "DELETE FROM modernize_audit_event WHERE id >= %s AND id <= %s"


@dataclass(frozen=True, kw_only=True, slots=True)
class PruneReport:
    """What was pruned, or would be."""

    seal_count: int
    event_count: int


def prune(
    before: datetime,
    using: str = DEFAULT_DB_ALIAS,
    *,
    dry_run: bool = False,
    progress: Callable[[int], object] | None = None,
) -> PruneReport:
    """Remove the events of all seals that were made before a moment.

    The seals stay and keep their place in the chain. Events that are in no seal, or in a later
    one, stay too. Each seal is a transaction of its own: what broke off goes on where it was.

    Args:
        before: The moment.
        using: The database.
        dry_run: Only count.
        progress: Is called with the number of events that were removed so far.

    Returns:
        How much it was. The removal is itself an event.

    Costs five statements for each seal.
    """
    found = AuditSeal._base_manager.using(using).filter(created_at__lt=before, pruned_at=None)
    seals = list(found.defer("manifest").order_by("number"))
    if not dry_run:
        removed = 0
        for seal in seals:
            _prune_seal(seal, using)
            removed += seal.event_count
            if progress is not None:
                progress(removed)
    return PruneReport(seal_count=len(seals), event_count=sum(seal.event_count for seal in seals))


def _prune_seal(seal: AuditSeal, using: str) -> None:
    with unlocked(using):
        with connections[using].cursor() as cursor:
            cursor.execute(DELETE_CONTEXTS, [seal.first_id, seal.last_id, seal.last_id])
            cursor.execute(DELETE_EVENTS, [seal.first_id, seal.last_id])
        AuditSeal._base_manager.using(using).filter(pk=seal.pk).update(
            manifest=None, pruned_at=timezone.now()
        )
        removal = RecordedEvent.of_context(
            object_type=AuditEvent._meta.label_lower,
            object_id="",
            action=AuditAction.PRUNE,
            changes={"seal": [None, seal.number], "events": [seal.event_count, None]},
        )
        record_events([removal], using=using)
