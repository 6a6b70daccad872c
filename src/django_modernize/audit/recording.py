"""Record events that no trigger can write: imports, and operations on the trail itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models.functions import Cast
from django.utils import timezone

from ..context import get_context
from ..triggers.connection import find_watcher
from .changes import ERASED, render_changes
from .masking import STARS
from .models import LINK_ACTIONS, AuditContext, AuditEvent
from .tracking import find_tracked
from .values import find_field, find_model

__all__ = ["RecordedEvent", "is_hidden", "record_events"]

SALT_BYTES: Final = 16

BATCH_SIZE: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedEvent:
    """An event to record, with its context."""

    object_type: str
    object_id: str | Cast
    """The key as returned by :func:`.keys.stored_key`."""

    action: str
    changes: dict[str, Any] = field(default_factory=dict)
    """``{field name: [old, new]}`` as JSON values."""

    created_at: datetime | None = None
    """The time of the event. Defaults to now."""

    actor_id: Any = None
    source: str = ""
    """Defaults to that of the active context."""

    actor_label: str = ""
    reason: str = ""
    request_id: UUID | None = None
    ip_address: str | None = None
    user_agent: str = ""

    @classmethod
    def of_context(
        cls,
        *,
        object_type: str,
        object_id: str | Cast,
        action: str,
        changes: dict[str, Any] | None = None,
        reason: str = "",
    ) -> "RecordedEvent":
        """Return an event with the active context."""
        change = get_context()
        return cls(
            object_type=object_type,
            object_id=object_id,
            action=action,
            changes=changes or {},
            actor_id=change.actor_id,
            source=change.source,
            actor_label=change.actor_label,
            reason=reason or change.reason,
            request_id=change.request_id,
            ip_address=change.ip_address,
            user_agent=change.user_agent,
        )

    @property
    def details(self) -> tuple[Any, ...]:
        """The details stored in a separate row, which events with the same details share."""
        return (
            self.actor_label,
            self.reason,
            self.request_id,
            self.ip_address,
            self.user_agent,
        )


def record_events(events: Iterable[RecordedEvent], using: str = DEFAULT_DB_ALIAS) -> int:
    """Append events to the trail, with stars for the values that their models mask.

    Args:
        events: The events, oldest first. They are read in chunks, so this may be a generator.
        using: The alias of the database.

    Returns:
        The number of events written.

    Costs two statements for each thousand events, and one more.
    """
    written = 0
    with transaction.atomic(using=using):
        transaction_id = find_watcher(connections[using]).delivery.read_transaction_id()
        for batch in _take_batches(events):
            contexts = _write_contexts(batch, using)
            rows = [_make_row(event, contexts, transaction_id) for event in batch]
            AuditEvent._base_manager.using(using).bulk_create(rows)
            written += len(rows)
    return written


def _take_batches(events: Iterable[RecordedEvent]) -> Iterator[list[RecordedEvent]]:
    rest = iter(events)
    while batch := list(islice(rest, BATCH_SIZE)):
        yield batch


def _write_contexts(batch: list[RecordedEvent], using: str) -> dict[tuple[Any, ...], AuditContext]:
    contexts = {
        event.details: AuditContext(
            actor_label=event.actor_label,
            reason=event.reason,
            request_id=event.request_id,
            ip_address=event.ip_address,
            user_agent=event.user_agent,
            salt=token_bytes(SALT_BYTES),
        )
        for event in batch
        if any(event.details)
    }
    AuditContext._base_manager.using(using).bulk_create(contexts.values())
    return contexts


def _make_row(
    event: RecordedEvent, contexts: dict[tuple[Any, ...], AuditContext], transaction_id: int
) -> AuditEvent:
    return AuditEvent(
        created_at=event.created_at or timezone.now(),
        transaction_id=transaction_id,
        context=contexts.get(event.details),
        actor_id=event.actor_id,
        object_type=event.object_type,
        object_id=event.object_id,
        action=event.action,
        source=event.source or get_context().source,
        changes=render_changes(_hide_masked(event)),
    )


def is_hidden(object_type: str, name: str) -> bool:
    """Return whether a model masks a field, by its current or a former name."""
    model = find_model(object_type)
    tracked = None if model is None else find_tracked(model)
    return tracked is not None and tracked.renamed.get(name, name) in tracked.mask


def _hide_masked(event: RecordedEvent) -> dict[str, Any]:
    """Return an event's changes with stars for masked fields, whose values imports contain."""
    hide = _hide_links if event.action in LINK_ACTIONS else _hide_value
    return {
        name: [hide(value) for value in pair]
        if is_hidden(event.object_type, name)
        else [_hide_in_row(event.object_type, name, value) for value in pair]
        for name, pair in event.changes.items()
    }


def _hide_in_row(object_type: str, name: str, value: Any) -> Any:
    """Return a value, with stars for masked fields if it is a whole row under its own name."""
    if not isinstance(value, dict) or find_field(object_type, name) is not None:
        return value
    return {
        field: _hide_value(one) if is_hidden(object_type, field) else one
        for field, one in value.items()
    }


def _hide_links(keys: Any) -> Any:
    return [_hide_value(key) for key in keys] if isinstance(keys, list) else _hide_value(keys)


def _hide_value(value: Any) -> Any:
    return value if value is None or value == ERASED else STARS
