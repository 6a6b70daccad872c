"""Remove old events by whole seals, so that the rest can still be proven."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from ..locking import unlocked
from ..models import AuditAction, AuditEvent
from ..partitions.catalog import Partition
from ..partitions.retention import drop_partition, list_covered
from ..recording import RecordedEvent, record_events
from .models import AuditSeal

__all__ = ["PruneReport", "prune"]

# The context of a transaction whose events are in two seals is still needed.
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
    """Remove the events of all seals made before a moment.

    The seals stay and keep their place in the chain, as do events in no seal or in a later one.
    Each seal is a separate transaction, so an interrupted run can be repeated. A
    partition of the table that holds no other events is dropped as a whole, with its seals in one.

    Args:
        before: The moment.
        using: The database.
        dry_run: Count without removing anything.
        progress: Called with the number of events removed so far.

    Returns:
        How much was removed. The removal is itself an event.

    Raises:
        EventsBusy: Other transactions are using the table, so no partition could be dropped.
            What was removed before that stays removed: prune again.

    Costs five statements for each seal, and four for each partition.
    """
    seals_left = AuditSeal._base_manager.using(using).filter(pruned_at=None)
    seals_left = seals_left.defer("manifest", "salts")
    seals = list(seals_left.filter(created_at__lt=before).order_by("number"))
    if seals and not dry_run:
        kept = seals_left.exclude(created_at__lt=before).order_by("number").first()
        last_id = kept.first_id - 1 if kept else seals[-1].last_id
        removed = 0
        for together, partition in _group_seals(seals, list_covered(connections[using], last_id)):
            _prune_seals(together, partition, using)
            removed += sum(seal.event_count for seal in together)
            if progress is not None:
                progress(removed)
    return PruneReport(seal_count=len(seals), event_count=sum(seal.event_count for seal in seals))


def _group_seals(
    seals: Sequence[AuditSeal], partitions: Sequence[Partition]
) -> Iterator[tuple[list[AuditSeal], Partition | None]]:
    """Yield the seals with events in a partition together with it, and any others alone."""
    left = list(seals)
    for partition in partitions:
        end = partition.end or 0
        together = [seal for seal in left if seal.first_id < end]
        left = left[len(together) :]
        yield together, partition
    for seal in left:
        yield [seal], None


def _prune_seals(seals: Sequence[AuditSeal], partition: Partition | None, using: str) -> None:
    with unlocked(using):
        with connections[using].cursor() as cursor:
            for seal in seals:
                cursor.execute(DELETE_CONTEXTS, [seal.first_id, seal.last_id, seal.last_id])
            if partition is not None:
                drop_partition(connections[using], partition)
            for seal in seals:
                cursor.execute(DELETE_EVENTS, [seal.first_id, seal.last_id])
        AuditSeal._base_manager.using(using).filter(pk__in=[seal.pk for seal in seals]).update(
            manifest=None, salts=None, pruned_at=timezone.now()
        )
        record_events([_describe_removal(seal) for seal in seals], using=using)


def _describe_removal(seal: AuditSeal) -> RecordedEvent:
    return RecordedEvent.of_context(
        object_type=AuditEvent._meta.label_lower,
        object_id="",
        action=AuditAction.PRUNE,
        changes={"seal": [None, seal.number], "events": [seal.event_count, None]},
    )
