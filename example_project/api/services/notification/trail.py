"""Reads from the audit trail which changes of a block people are notified of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.db.models import BigIntegerField, Case, F, Func, QuerySet, Value, When

from django_modernize.audit.fields import ChangesField
from django_modernize.audit.models import AuditAction, AuditEvent
from django_modernize.autotasks.occasions import find_events

__all__ = ["PHOTOS", "STOCKS", "TASKS", "Happening", "read_happenings"]

TASKS: Final = "api.task"
PHOTOS: Final = "api.taskimage"
STOCKS: Final = "api.propertyinventory"

MACHINES: Final = frozenset({"excel_import", "system", "migration"})
"""Where changes come from that nobody made by hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """What an event says about one row."""

    object_type: str
    object_id: int
    action: str
    actor_id: int | None
    is_by_machine: bool
    changes: dict[str, list[Any]]
    """Field to old and new JSON value; of a new row nothing."""


def read_happenings(using: str, *, after: int) -> list[Happening]:
    """Return what this transaction has done to tasks, photos and stocks since an event.

    Args:
        using: The alias of the database.
        after: The number of the event.

    Costs one query; of rows that are new no values are read.
    """
    events = find_events(using, after=after).filter(object_type__in=[TASKS, PHOTOS, STOCKS])
    shown = Case(
        When(action=AuditAction.CREATE, then=Value(None)),
        default=F("changes"),
        output_field=ChangesField(null=True),
    )
    rows = _keep_own(events, using).order_by("id").annotate(shown=shown)
    return list(
        _read_rows(
            rows.values_list("object_type", "object_id", "action", "actor_id", "source", "shown")
        )
    )


def _keep_own(events: QuerySet[AuditEvent], using: str) -> QuerySet[AuditEvent]:
    """Leave out what others have committed meanwhile; on SQLite nobody else writes."""
    if connections[using].vendor != "postgresql":
        return events
    own = Func(template="pg_current_xact_id()::text::bigint", output_field=BigIntegerField())
    return events.filter(transaction_id=own)


def _read_rows(rows: Any) -> Iterator[Happening]:
    for object_type, object_id, action, actor_id, source, changes in rows:
        yield Happening(
            object_type=object_type,
            object_id=int(object_id),
            action=action,
            actor_id=actor_id,
            is_by_machine=source in MACHINES,
            changes=changes,
        )
