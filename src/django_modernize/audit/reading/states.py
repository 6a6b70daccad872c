"""Past states of objects, computed from their current state by undoing later events.

Going backwards needs no snapshots, since each event has the old values. The result is correct from
the time at which the trail begins.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final, TypeVar, overload

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, Model, QuerySet
from django.utils.timezone import is_naive

from ...exceptions import ModernizeError
from ..changes import UNREADABLE
from ..keys import object_key
from ..masking import STARS
from ..models import AuditAction, AuditEvent
from ..tracking import find_tracked, of_model
from ..values import decode_changes, find_model

__all__ = ["BeforeTrail", "UnreadableEvent", "as_of"]

ModelT = TypeVar("ModelT", bound=Model)

State = dict[str, Any] | None
"""Maps field names to values, or ``None`` if there is no row."""

MOST_NAMED: Final = 10
"""How many events an error message lists. The exception has the ids of all."""

UNDONE_BY_VALUE: Final = frozenset(
    {AuditAction.UPDATE, AuditAction.SOFT_DELETE, AuditAction.RESTORE}
)

UNDONE_BY_READING: Final = UNDONE_BY_VALUE | {AuditAction.DELETE}
"""The actions whose old state is only in the values of the event."""


class BeforeTrail(ModernizeError, LookupError):
    """The trail of a model begins after the requested time."""


class UnreadableEvent(ModernizeError, ValueError):
    """An event of an object cannot be read, so the object's earlier state is unknown.

    Attributes:
        event_ids: The ids of the events.
    """

    def __init__(self, events: Sequence[AuditEvent]) -> None:
        self.event_ids = [event.pk for event in events]
        told = ", ".join(
            f"{event.pk} ({event.object_type} {event.object_id})" for event in events[:MOST_NAMED]
        )
        rest = len(events) - MOST_NAMED
        super().__init__(
            f"These events cannot be read: {told}{f' and {rest} more' if rest > 0 else ''}. "
            "They were edited; verify() reports this for sealed events. Ask for a later time, or "
            "leave out these objects."
        )


@overload
def as_of(target: ModelT, when: datetime) -> ModelT | None: ...


@overload
def as_of(target: "QuerySet[ModelT]", when: datetime) -> list[ModelT]: ...


def as_of(target: "Model | QuerySet[Any]", when: datetime) -> Model | list[Any] | None:
    """Return objects as they were at a time.

    Do not save these objects: to go back, use :func:`revert`. Masked fields show stars; fields that
    are not recorded, and many-to-many fields, have their current values.

    Args:
        target: An object, even one deleted since; or a queryset. A filtered queryset chooses among
            the objects of today; without any filter, objects deleted since are included.
        when: The moment; an aware datetime if ``USE_TZ`` is true.

    Returns:
        The object, or ``None`` if it did not exist then; for a queryset a list, ordered by
        primary key.

    Raises:
        BeforeTrail: The trail of the model begins later.
        TypeError: The moment is a day, or has no time zone.
        UnreadableEvent: An event since then was edited and can no longer be read.

    Costs three queries, however many objects there are.
    """
    _require_moment(when)
    if isinstance(target, QuerySet):
        return _read_states(target, when)
    using = target._state.db or DEFAULT_DB_ALIAS
    model = target._meta.concrete_model or type(target)
    row = model._base_manager.using(using).filter(pk=target.pk).first()
    since = AuditEvent.objects.using(using).for_object(target).filter(created_at__gt=when)
    events = list(since)
    _refuse_unreadable(events)
    state = _go_back(_read_fields(row), events)
    _refuse_unknown(model, using, when, None if state is None else row, events)
    return None if state is None else _build_object(model, using, state)


def _require_moment(when: object) -> None:
    if not isinstance(when, datetime) or is_naive(when) is settings.USE_TZ:
        zone = (
            "with a time zone, such as timezone.now()" if settings.USE_TZ else "without a time zone"
        )
        raise TypeError(f"as_of() needs a datetime {zone}, not {when!r}.")


def _read_states(queryset: "QuerySet[Model]", when: datetime) -> list[Model]:
    model, using = queryset.model, queryset.db
    model = model._meta.concrete_model or model
    rows = {object_key(row): row for row in queryset}
    is_whole = not queryset.query.has_filters()
    events = _group_events(model, using, when, None if is_whole else set(rows))
    _refuse_unreadable([event for of_one in events.values() for event in of_one])
    states = {
        key: _go_back(_read_fields(rows.get(key)), events.get(key, ())) for key in {*rows, *events}
    }
    untouched = next((row for key, row in rows.items() if states[key] is not None), None)
    _refuse_unknown(model, using, when, untouched, ())
    found = [_build_object(model, using, state) for state in states.values() if state is not None]
    return sorted(found, key=lambda found: found.pk)


def _group_events(
    model: type[Model], using: str, when: datetime, keys: set[str] | None
) -> dict[str, list[AuditEvent]]:
    # A row in a parent's table has the same key as the child.
    tables = reduce(or_, (of_model(table) for table in (model, *model._meta.all_parents)))
    since = AuditEvent.objects.using(using).filter(tables, created_at__gt=when)
    events: dict[str, list[AuditEvent]] = {}
    for event in since.order_by("-created_at", "-id").iterator():
        if event.object_id and (keys is None or event.object_id in keys):
            events.setdefault(event.object_id, []).append(event)
    return events


def _go_back(state: State, events: Iterable[AuditEvent]) -> State:
    """Return a state as it was before the given events, which are ordered newest first."""
    for event in events:
        before = {name: old for name, (old, _) in event.changes.items()}
        if event.action == AuditAction.CREATE:
            state = None
        elif event.action == AuditAction.DELETE:
            nothing = dict.fromkeys(_list_recorded(event.object_type))
            state = {**(state or {}), **nothing, **_decode(event.object_type, before)}
        elif event.action in UNDONE_BY_VALUE and state is not None:
            state = {**state, **_decode(event.object_type, before)}
    return state


def _decode(object_type: str, values: dict[str, Any]) -> dict[str, Any]:
    pairs = {name: (value, None) for name, value in values.items()}
    return {name: old for name, (old, _) in decode_changes(object_type, pairs).items()}


def _list_recorded(object_type: str) -> list[str]:
    """Return the fields whose values a deletion records. Fields without a value are omitted."""
    model = find_model(object_type)
    tracked = None if model is None else find_tracked(model)
    return [] if tracked is None else [field.name for field in tracked.recorded_fields]


def _read_fields(row: Model | None) -> State:
    if row is None:
        return None
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _build_object(model: type[Model], using: str, state: dict[str, Any]) -> Model:
    fields = [field for field in model._meta.concrete_fields if field.name in state]
    values = [_hide_masked(model, field, state[field.name]) for field in fields]
    return model.from_db(using, [field.attname for field in fields], values)


def _hide_masked(model: type[Model], field: "Field[Any, Any]", value: Any) -> Any:
    tracked = find_tracked(field.model) or find_tracked(model)
    if tracked is None or field.name not in tracked.mask or value is None:
        return value
    return STARS if isinstance(value, str) else None


def _refuse_unreadable(events: Iterable[AuditEvent]) -> None:
    """Raise if an event cannot be read, rather than skipping it."""
    unreadable = [
        event
        for event in events
        if event.action in UNDONE_BY_READING and UNREADABLE in event.changes
    ]
    if unreadable:
        raise UnreadableEvent(unreadable)


def _refuse_unknown(
    model: type[Model], using: str, when: datetime, row: Model | None, events: Iterable[object]
) -> None:
    """Raise if an object already existed before the trail began."""
    if row is None:
        return
    trail = AuditEvent._base_manager.using(using).filter(of_model(model))
    beginning = trail.order_by("id").values_list("created_at", flat=True).first()
    if beginning is not None and beginning > when:
        raise BeforeTrail(
            f"The trail of {model._meta.label} begins at {beginning}: nothing was recorded of how "
            f"{model._meta.verbose_name_plural} were at {when}. Ask for a later time."
        )
