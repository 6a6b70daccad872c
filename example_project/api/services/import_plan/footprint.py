"""What an import did, and what people did since, as the audit trail tells."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from django_modernize.audit import AuditEvent
from django_modernize.audit.models import LINK_ACTIONS, AuditAction
from django_modernize.context import ChangeSource

__all__ = ["Footprint", "LaterChange", "read_footprints"]

KEYS_PER_QUERY: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterChange:
    """Something that somebody did to a row after the import."""

    actor: str
    """Who."""
    action: str
    """What: a word of ``AuditAction``."""
    fields: tuple[str, ...]
    """Which fields."""


@dataclass(kw_only=True, slots=True)
class Footprint:
    """What an import did to one row."""

    model: type[Model]
    """The row's model."""
    key: int
    """The row's primary key."""
    last_event: int
    """The number of the import's last event about it."""
    is_created: bool
    """Whether the import made it."""
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field to what it was before the import and what the import left, as JSON values."""
    later: list[LaterChange] = field(default_factory=list)
    """What people did since."""


def read_footprints(request_id: UUID) -> list[Footprint]:
    """Return what an import did to each row, with what was done to the row since.

    Args:
        request_id: What ties the events of the import together.

    Costs two queries, and one more for each thousand rows.
    """
    found: dict[tuple[str, str], Footprint] = {}
    events = AuditEvent.objects.filter(context__request_id=request_id).order_by("id")
    for event in events.iterator(chunk_size=2_000):
        if event.action in LINK_ACTIONS:
            continue
        name = (event.object_type, event.object_id)
        if name not in found:
            found[name] = Footprint(
                model=apps.get_model(event.object_type),
                key=int(event.object_id),
                last_event=event.pk,
                is_created=event.action == AuditAction.CREATE,
            )
        _add_event(found[name], event)
    _add_later(found, request_id)
    return list(found.values())


def _add_event(footprint: Footprint, event: AuditEvent) -> None:
    footprint.last_event = event.pk
    if footprint.is_created:
        return
    for name, (old, new) in event.changes.items():
        first = footprint.changes.get(name, (old, new))[0]
        footprint.changes[name] = (first, new)


def _add_later(found: Mapping[tuple[str, str], Footprint], request_id: UUID) -> None:
    keys: dict[str, list[str]] = defaultdict(list)
    for object_type, object_id in found:
        keys[object_type].append(object_id)
    for object_type, ids in keys.items():
        for part in _cut(ids):
            # What rules do by themselves is no person's work.
            later = (
                AuditEvent.objects.filter(object_type=object_type, object_id__in=part)
                .exclude(source=ChangeSource.SYSTEM)
                .exclude(context__request_id=request_id)
            )
            for event in later.order_by("id"):
                footprint = found[object_type, event.object_id]
                if event.pk > footprint.last_event:
                    footprint.later.append(_describe(event))


def _describe(event: AuditEvent) -> LaterChange:
    return LaterChange(
        actor=event.actor_label, action=event.action, fields=tuple(sorted(event.changes))
    )


def _cut(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), KEYS_PER_QUERY):
        yield keys[start : start + KEYS_PER_QUERY]
