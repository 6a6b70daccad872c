"""Asks a condition of values, and says which comparison decided."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..kinds import Kind
from .nodes import AllOf, AnyOf, Comparison, Node, Not, Operator

__all__ = ["Answer", "Facts", "evaluate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of one subject."""

    values: Mapping[str, Any]
    """Field name to value."""

    zone: ZoneInfo
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Field name to old and new value, of what just happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds, and the comparison that decided it."""

    holds: bool
    because: Comparison | None = None
    """``None`` where nothing was asked."""


def evaluate(node: Node, facts: Facts) -> Answer:
    """Return whether a condition holds, with the first comparison that decided."""
    if isinstance(node, Comparison):
        return Answer(_compare(node, facts), node)
    if isinstance(node, Not):
        inner = evaluate(node.node, facts)
        return Answer(not inner.holds, inner.because)
    # One false node decides all(), one true node any().
    deciding = isinstance(node, AnyOf)
    last = Answer(isinstance(node, AllOf))
    for one in node.nodes:
        last = evaluate(one, facts)
        if last.holds is deciding:
            return last
    return last


def _compare(leaf: Comparison, facts: Facts) -> bool:
    name = leaf.field.name
    if leaf.asks_for_a_change:
        return name in facts.changes and CHANGES[leaf.operator](*facts.changes[name], leaf.value)
    value = facts.values[name]
    if leaf.operator is Operator.EMPTY:
        return value is None or (value in ("", ()) and leaf.field.kind in MAY_BE_BLANK)
    if value is None:
        return False
    if leaf.operator is Operator.WEEKDAY:
        return _find_day(value, facts.zone).weekday() in leaf.value
    return COMPARISONS[leaf.operator](value, leaf.value)


def _find_day(value: Any, zone: ZoneInfo) -> datetime.date:
    return value.astimezone(zone).date() if isinstance(value, datetime.datetime) else value


MAY_BE_BLANK: Final = {Kind.TEXT, Kind.KEYS}
"""The kinds that have a value for nothing beside ``None``."""

COMPARISONS: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQUALS: lambda value, wanted: bool(value == wanted),
    Operator.IN: lambda value, wanted: value in wanted,
    Operator.CONTAINS: lambda value, wanted: wanted in value,
    Operator.STARTS_WITH: lambda value, wanted: bool(value.startswith(wanted)),
    Operator.LESS: lambda value, wanted: bool(value < wanted),
    Operator.MORE: lambda value, wanted: bool(value > wanted),
    Operator.HAS_ANY: lambda value, wanted: not set(value).isdisjoint(wanted),
    Operator.HAS_ALL: lambda value, wanted: set(value).issuperset(wanted),
    Operator.RANGE: lambda value, wanted: bool(wanted[0] <= value <= wanted[1]),
}

CHANGES: Final[dict[Operator, Callable[[Any, Any, Any], bool]]] = {
    Operator.CHANGED: lambda old, new, wanted: bool(old != new),
    Operator.CHANGED_FROM: lambda old, new, wanted: bool(old == wanted != new),
    Operator.CHANGED_TO: lambda old, new, wanted: bool(new == wanted != old),
}
