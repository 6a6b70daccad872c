"""Compute the differences between consecutive records, for sources that store whole rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, OuterRef, Q, QuerySet, Subquery

from django_modernize.audit.encoders import encode_value
from django_modernize.audit.models import AuditAction

__all__ = [
    "KNOWN_STATE",
    "compare_snapshots",
    "compare_states",
    "encode_known",
    "find_previous",
    "name_users",
]

State = Mapping[str, Any]
"""Field name to JSON value."""

KNOWN_STATE: Final = "known state"
"""What an event calls the values of a row of which nobody knows how it was before."""

UNREADABLE: Final = (ValidationError, ValueError, TypeError, ArithmeticError)


def encode_known(field: "Field[Any, Any]", value: Any) -> Any:
    """Return a value as JSON: as the field's own, or as it is where the field cannot read it."""
    target: Any = getattr(field, "target_field", field)
    try:
        return encode_value(field, target.to_python(value))
    except UNREADABLE:
        return value if isinstance(value, str | int | float | list | dict) else str(value)


def compare_states(before: State | None, after: State | None) -> dict[str, list[Any]]:
    """Return ``{field name: [old, new]}`` of what differs between two states of a row.

    Args:
        before: ``None`` for a row that was created.
        after: ``None`` for a row that was deleted.
    """
    old, new = before or {}, after or {}
    names = [*new, *(name for name in old if name not in new and after is None)]
    pairs = {name: [old.get(name), new.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def compare_snapshots(
    action: str | None, before: State | None, state: State
) -> dict[str, list[Any]]:
    """Return what an event changed, of which a whole row was kept.

    Args:
        action: What was done to the row; ``None`` where nobody knows.
        before: The row that was kept before; ``None`` where there is none.
        state: The row: of a deletion, as it was last.
    """
    if action == AuditAction.CREATE:
        return compare_states(None, state)
    if action == AuditAction.DELETE:
        return compare_states(state, None)
    return {KNOWN_STATE: [None, state]} if before is None else compare_states(before, state)


def find_previous(
    records: Sequence[Any], whole: "QuerySet[Any]", order: tuple[str, ...], same: tuple[str, ...]
) -> list[Any]:
    """Return the record of the same object before each of some, ``None`` where there is none.

    Args:
        records: Some that follow one another in their order.
        whole: All of the table.
        order: The fields that it is in order by.
        same: The attributes that name an object.

    Costs a query.
    """
    latest = {
        _name_object(record, same): record
        for record in _read_latest(records[0], records, whole, order, same)
    }
    previous = []
    for record in records:
        name = _name_object(record, same)
        previous.append(latest.get(name))
        latest[name] = record
    return previous


def name_users(keys: set[Any], using: str) -> dict[Any, str]:
    """Return the usernames of some users by their keys. Costs a query."""
    user_model = get_user_model()
    found = user_model._base_manager.using(using).filter(pk__in=keys - {None})
    return {user.pk: user.get_username()[:150] for user in found}


def _read_latest(
    first: Any,
    records: Sequence[Any],
    whole: "QuerySet[Any]",
    order: tuple[str, ...],
    same: tuple[str, ...],
) -> "QuerySet[Any]":
    """Return, for each object among some records, its last record before the first of them."""
    condition, equal = Q(), Q()
    for name in order:
        value = getattr(first, name)
        condition |= equal & Q(**{f"{name}__lt": value})
        equal &= Q(**{name: value})
    model: type[Model] = whole.model
    earlier = whole.filter(condition, **{name: OuterRef(name) for name in same})
    last = earlier.order_by(*(f"-{name}" for name in order)).values("pk")[:1]
    # One row for each object: of the rows that an object has in all there may be many.
    one_each = {_name_object(record, same): record.pk for record in records}
    alike = model._base_manager.using(whole.db).filter(pk__in=one_each.values())
    return whole.filter(pk__in=alike.annotate(last_pk=Subquery(last)).values("last_pk").order_by())


def _name_object(record: Any, same: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in same)
