"""Read from the audit trail what happened to subjects, however it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import BigIntegerField, Max, Q, QuerySet

from ..audit.models import AuditAction, AuditEvent
from .models import Trigger
from .steps import Occasion
from .subjects import Subject

__all__ = [
    "EventRow",
    "find_events",
    "find_last_event",
    "list_occasions",
    "load_changes",
    "load_events",
]

TRIGGERS: Final = {
    AuditAction.SOFT_DELETE: Trigger.DELETED,
    AuditAction.DELETE: Trigger.DELETED,
    AuditAction.RESTORE: Trigger.RESTORED,
}

NO_END: Final = BigIntegerField.MAX_BIGINT


def find_last_event(using: str) -> int:
    """Return the id of the newest event, or 0 if there are none.

    Costs one query.
    """
    found = AuditEvent._base_manager.using(using).aggregate(last=Max("id"))
    return found["last"] or 0


def find_events(using: str, *, after: int, until: int | None = None) -> QuerySet[AuditEvent]:
    """Return the events since one, in no order.

    Args:
        using: The alias of the database.
        after: The number of the event that comes before the first.
        until: The number of the last one, ``None`` for all.
    """
    # PostgreSQL takes a range with two ends for a small one while it has not analysed the table,
    # as in the first import of a new site; with one end it would read all events each time.
    last = NO_END if until is None else until
    return AuditEvent._base_manager.using(using).filter(id__gt=after, id__lte=last)


class EventRow(NamedTuple):
    """What has to be known of every event: not what a new row holds, which is long."""

    id: int
    action: str
    object_id: str


def load_events(
    subject: Subject, using: str, *, after: int, until: int | None = None
) -> list[EventRow]:
    """Return what happened to subjects of one kind since an event, in its order.

    Args:
        subject: The kind of subject.
        using: The alias of the database.
        after: The number of the event that comes before the first.
        until: The number of the last one, ``None`` for all.

    Costs one query.
    """
    rows = _find_events(subject, using, after=after, until=until)
    return [EventRow(*row) for row in rows.values_list(*EventRow._fields)]


def load_changes(subject: Subject, using: str, events: Sequence[EventRow]) -> list[AuditEvent]:
    """Return those of events that tell of more than new rows.

    Costs one query, none where rows were only created.
    """
    if all(one.action == AuditAction.CREATE for one in events):
        return []
    found = _find_events(subject, using, after=events[0].id - 1, until=events[-1].id)
    return list(found.exclude(action=AuditAction.CREATE))


def _find_events(subject: Subject, using: str, *, after: int, until: int | None) -> Any:
    events = find_events(using, after=after, until=until)
    return events.filter(object_type=subject.model._meta.label_lower).order_by("id")


def list_occasions(subject: Subject, events: Iterable[AuditEvent]) -> Iterator[Occasion]:
    """Yield what events mean for templates: changed, cancelled, deleted, restored."""
    columns = {
        str(field.source).removesuffix("_id"): name for name, field in subject.fields.items()
    }
    cancelling = set(_list_names(subject.cancelled)) if subject.cancelled else set()
    for event in events:
        subject_id = event.object_id
        if event.action in TRIGGERS:
            yield _make_occasion(subject_id, TRIGGERS[AuditAction(event.action)], event, {})
        elif event.action == AuditAction.UPDATE:
            changes = event.decode_changes()
            named = {columns[name]: pair for name, pair in changes.items() if name in columns}
            yield _make_occasion(subject_id, Trigger.CHANGED, event, named)
            if cancelling & set(changes):
                yield _make_occasion(subject_id, Trigger.CANCELLED, event, named)


def _make_occasion(
    subject_id: str, trigger: Trigger, event: AuditEvent, changes: dict[str, Any]
) -> Occasion:
    return Occasion(
        subject_id=subject_id, trigger=trigger, key=f"event {event.id}", changes=changes
    )


def _list_names(query: Q) -> Iterator[str]:
    for child in query.children:
        if isinstance(child, Q):
            yield from _list_names(child)
        elif isinstance(child, tuple):
            yield child[0].partition("__")[0].removesuffix("_id")
