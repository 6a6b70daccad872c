"""What an import changed, and what people have changed since, according to the audit trail."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from django_modernize.audit import AuditEvent
from django_modernize.audit.models import LINK_ACTIONS, AuditAction
from django_modernize.context import ChangeSource

__all__ = ["Footprint", "LaterChange", "cut", "read_changed", "read_created", "read_later"]

Part = TypeVar("Part")

KEYS_PER_QUERY: Final = 5_000
EVENTS_PER_FETCH: Final = 2_000

Created = dict[type[Model], set[int]]
"""The primary keys of the rows that an import made, by their model."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterChange:
    """A change that somebody made to a row after the import."""

    actor: str
    """Who."""
    fields: tuple[str, ...]
    """Which fields."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Footprint:
    """What an import changed in a row that existed before."""

    model: type[Model]
    """The row's model."""
    key: int
    """The row's primary key."""
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field to what it was before the import and what the import left, as JSON values."""


def read_created(request_id: UUID) -> Created:
    """Return the rows that an import created, in one query.

    Args:
        request_id: What ties the events of the import together.
    """
    found: dict[str, set[int]] = defaultdict(set)
    events = AuditEvent.objects.filter(context__request_id=request_id, action=AuditAction.CREATE)
    named = events.order_by("id").values_list("object_type", "object_id")
    for object_type, object_id in named.iterator(chunk_size=EVENTS_PER_FETCH):
        found[object_type].add(int(object_id))
    return {apps.get_model(object_type): keys for object_type, keys in found.items()}


def read_changed(request_id: UUID, created: Created) -> list[Footprint]:
    """Return what an import changed in each row that it did not create, in one query.

    Args:
        request_id: What ties the events of the import together.
        created: The rows that it made.
    """
    found: dict[tuple[str, int], Footprint] = {}
    events = AuditEvent.objects.filter(context__request_id=request_id).exclude(
        action__in=[AuditAction.CREATE, *LINK_ACTIONS]
    )
    for event in events.order_by("id").iterator(chunk_size=EVENTS_PER_FETCH):
        model, key = apps.get_model(event.object_type), int(event.object_id)
        if key in created.get(model, ()):
            continue
        footprint = found.setdefault((event.object_type, key), Footprint(model=model, key=key))
        for name, (old, new) in event.changes.items():
            first = footprint.changes.get(name, (old, new))[0]
            footprint.changes[name] = (first, new)
    return list(found.values())


def read_later(
    model: type[Model], keys: Iterable[int], request_id: UUID
) -> dict[int, list[LaterChange]]:
    """Return what people have changed since in rows that an import created.

    What rules do by themselves is no person's work, nor is a link that went with its other end.

    Args:
        model: The rows' model.
        keys: Their primary keys.
        request_id: What ties the events of the import together.

    Costs one query for each 5,000 rows.
    """
    found: dict[int, list[LaterChange]] = defaultdict(list)
    for part in cut(sorted(keys)):
        later = (
            AuditEvent.objects.filter(
                object_type=model._meta.label_lower, object_id__in=list(map(str, part))
            )
            .exclude(source=ChangeSource.SYSTEM)
            .exclude(action=AuditAction.M2M_REMOVE)
            .exclude(context__request_id=request_id)
        )
        for event in later.order_by("id").iterator(chunk_size=EVENTS_PER_FETCH):
            found[int(event.object_id)].append(
                LaterChange(actor=event.actor_label, fields=tuple(sorted(event.changes)))
            )
    return found


def cut(keys: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Yield keys in batches that fit into a statement."""
    for start in range(0, len(keys), KEYS_PER_QUERY):
        yield keys[start : start + KEYS_PER_QUERY]
