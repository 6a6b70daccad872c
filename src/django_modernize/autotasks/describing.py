"""Says in a sentence what rules, plans and reasons mean."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .conditions.evaluation import Facts, evaluate
from .conditions.nodes import AllOf, AnyOf, Comparison, Node, Not, Operator
from .steps import Cause, Reason

__all__ = ["CAUSES", "OPERATOR_LABELS", "TraceLine", "describe_reason", "trace_condition"]

OPERATOR_LABELS: Final = {
    Operator.EQUALS: gettext_lazy("is"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.STARTS_WITH: gettext_lazy("begins with"),
    Operator.LESS: gettext_lazy("is less than"),
    Operator.MORE: gettext_lazy("is more than"),
    Operator.RANGE: gettext_lazy("lies between"),
    Operator.EMPTY: gettext_lazy("is empty"),
    Operator.WEEKDAY: gettext_lazy("is a"),
    Operator.CHANGED: gettext_lazy("has changed"),
    Operator.CHANGED_FROM: gettext_lazy("has changed from"),
    Operator.CHANGED_TO: gettext_lazy("has changed to"),
}

CAUSES: Final = {
    Cause.HOLDS: gettext_lazy("the conditions hold"),
    Cause.FAILS: gettext_lazy("a condition does not hold"),
    Cause.CANCELLED: gettext_lazy("it is cancelled"),
    Cause.DELETED: gettext_lazy("it is deleted"),
    Cause.GONE: gettext_lazy("it is deleted for good"),
    Cause.NO_ANCHOR: gettext_lazy("it has no such day"),
    Cause.OUT_OF_SEASON: gettext_lazy("the template is not valid on that day"),
    Cause.TOO_EARLY: gettext_lazy("the day is not near enough"),
    Cause.PAST: gettext_lazy("the time has passed"),
    Cause.CHANGED: gettext_lazy("what it was made from has changed"),
    Cause.UNCHANGED: gettext_lazy("nothing has changed"),
    Cause.LOCKED: gettext_lazy("a person has set what would change"),
    Cause.FINISHED: gettext_lazy("it is done, or a person has cancelled or deleted it"),
    Cause.OLDER_VERSION: gettext_lazy("the template leaves open tasks as they are"),
    Cause.NOT_ASKED: gettext_lazy("what the template waits for has not happened"),
    Cause.SWITCHED_OFF: gettext_lazy("the template is switched off"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLine:
    """One node of a condition, and what became of it."""

    depth: int
    text: str
    holds: bool
    found: str = ""
    """The value that was compared."""


def describe_reason(reason: Reason) -> str:
    """Return why, in words: the cause, and the comparison that decided with its value."""
    if reason.because is None:
        return str(CAUSES[reason.cause])
    found = describe_value(reason.because, reason.found)
    return _("%(cause)s: %(comparison)s (it is %(found)s)") % {
        "cause": CAUSES[reason.cause],
        "comparison": describe_comparison(reason.because),
        "found": found or _("empty"),
    }


def describe_comparison(leaf: Comparison) -> str:
    """Return a comparison in words."""
    words = [leaf.field.label, str(OPERATOR_LABELS[leaf.operator])]
    if leaf.operator is Operator.RANGE:
        low, high = (describe_value(leaf, one) for one in leaf.value)
        words.append(_("%(low)s and %(high)s") % {"low": low, "high": high})
    elif leaf.operator is Operator.WEEKDAY:
        words.append(", ".join(formats.date_format(_day(one), "l") for one in leaf.value))
    elif isinstance(leaf.value, tuple):
        words.append(", ".join(describe_value(leaf, one) for one in leaf.value))
    elif leaf.value is not None:
        words.append(describe_value(leaf, leaf.value))
    return " ".join(words)


def describe_value(leaf: Comparison, value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(formats.localize(leaf.field.choices.get(value, value)))


def trace_condition(node: Node, facts: Facts, depth: int = 0) -> Iterator[TraceLine]:
    """Yield each node of a condition with its answer, those that decide nothing as well."""
    answer = evaluate(node, facts)
    if isinstance(node, Comparison):
        found = describe_value(node, facts.values.get(node.field.name))
        text = describe_comparison(node)
        yield TraceLine(depth=depth, text=text, holds=answer.holds, found=found)
        return
    words = {AllOf: _("all of"), AnyOf: _("one of"), Not: _("not")}
    yield TraceLine(depth=depth, text=words[type(node)], holds=answer.holds)
    for inner in (node.node,) if isinstance(node, Not) else node.nodes:
        yield from trace_condition(inner, facts, depth + 1)


def _day(weekday: int) -> datetime.date:
    # The first of January 2024 was a Monday.
    return datetime.date(2024, 1, 1 + weekday)
