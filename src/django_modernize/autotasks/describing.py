"""Describe rules, plans and reasons in words."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from .choices import ChoiceNames
from .conditions.evaluation import Facts, evaluate
from .conditions.nodes import AllOf, AnyOf, Comparison, Node, Not, Operator
from .conditions.parsing import parse_condition
from .exceptions import ConditionInvalid
from .recurrence import read_rule
from .steps import Cause, Reason
from .subjects import Subject
from .timing import Unit

__all__ = [
    "CAUSES",
    "OPERATOR_LABELS",
    "OutlineLine",
    "TraceLine",
    "describe_leeway",
    "describe_reason",
    "describe_recurrence",
    "describe_timing",
    "outline_condition",
    "read_reason",
    "trace_condition",
]

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
    Operator.HAS_ANY: gettext_lazy("has one of"),
    Operator.HAS_ALL: gettext_lazy("has all of"),
    Operator.CHANGED: gettext_lazy("has changed"),
    Operator.CHANGED_FROM: gettext_lazy("has changed from"),
    Operator.CHANGED_TO: gettext_lazy("has changed to"),
}

FREQUENCY_LABELS: Final = {
    "daily": ngettext_lazy("every day", "every %(count)d days", "count"),
    "weekly": ngettext_lazy("every week", "every %(count)d weeks", "count"),
    "monthly": ngettext_lazy("every month", "every %(count)d months", "count"),
    "quarterly": ngettext_lazy("every quarter", "every %(count)d quarters", "count"),
    "yearly": ngettext_lazy("every year", "every %(count)d years", "count"),
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


DISTANCES: Final[Mapping[tuple[Unit, bool], Any]] = {
    (Unit.DAYS, True): ngettext_lazy(
        "%(count)s day before %(anchor)s", "%(count)s days before %(anchor)s", "count"
    ),
    (Unit.DAYS, False): ngettext_lazy(
        "%(count)s day after %(anchor)s", "%(count)s days after %(anchor)s", "count"
    ),
    (Unit.HOURS, True): ngettext_lazy(
        "%(count)s hour before %(anchor)s", "%(count)s hours before %(anchor)s", "count"
    ),
    (Unit.HOURS, False): ngettext_lazy(
        "%(count)s hour after %(anchor)s", "%(count)s hours after %(anchor)s", "count"
    ),
}
"""How far before (true) or after an anchor."""

LEEWAY: Final[Mapping[str, Any]] = {
    "days_earlier": ngettext_lazy(
        "up to %(count)s day earlier", "up to %(count)s days earlier", "count"
    ),
    "days_later": ngettext_lazy("up to %(count)s day later", "up to %(count)s days later", "count"),
    "not_before": gettext_lazy("not before: %(name)s"),
    "not_after": gettext_lazy("not after: %(name)s"),
}
"""The texts for the window settings of a template."""

JOINING: Final = {
    AllOf: gettext_lazy("all of"),
    AnyOf: gettext_lazy("one of"),
    Not: gettext_lazy("not"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlineLine:
    """A node of a condition in words."""

    depth: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLine:
    """A node of a condition and its result."""

    depth: int
    text: str
    holds: bool
    found: str = ""
    """The value that was compared."""


def describe_timing(template: Any) -> str:
    """Return when the tasks of a template are due: ``1 day before check in, 09:00``.

    Window settings follow: ``up to 2 days later, not after: check in of the next one``.
    """
    anchor = template.subject.name_anchor(template.anchor)
    if template.offset == 0:
        words = _("at %(anchor)s") % {"anchor": anchor}
    else:
        phrase = DISTANCES[Unit(template.offset_unit), template.offset < 0]
        words = phrase % {"count": abs(template.offset), "anchor": anchor}
    clock = [f"{template.local_time:%H:%M}"] if template.local_time else []
    return ", ".join([words, *clock, *describe_leeway(template)])


def describe_leeway(template: Any) -> list[str]:
    """Return in words how far the tasks of a template may be moved from their due time."""
    fields = template.subject.fields
    return [
        str(phrase % {"count": value, "name": fields[value].label if value in fields else value})
        for name, phrase in LEEWAY.items()
        if (value := getattr(template, name))
    ]


def read_reason(data: Mapping[str, Any], subject: Subject) -> Reason:
    """Return a reason from a record, without the comparison if its field no longer exists."""
    cause = Cause(data["cause"])
    if "field" not in data:
        return Reason(cause)
    leaf = {name: data[name] for name in ("field", "is", "value") if data.get(name) is not None}
    if leaf["is"] == Operator.RANGE:
        leaf["value"] = dict(zip(("from", "to"), leaf["value"], strict=True))
    try:
        because = parse_condition(leaf, subject)
    except ConditionInvalid:
        return Reason(cause)
    return Reason(cause, because if isinstance(because, Comparison) else None, data.get("found"))


def describe_reason(reason: Reason, names: ChoiceNames | None = None) -> str:
    """Return a reason in words: the cause, and the deciding comparison with its value.

    Args:
        reason: The reason.
        names: The labels of values. To describe many reasons, pass the same object.

    Costs one query if the comparison is about another row whose name is not cached.
    """
    if reason.because is None:
        return str(CAUSES[reason.cause])
    names = names or ChoiceNames()
    found = describe_value(reason.because, reason.found, names)
    return _("%(cause)s: %(comparison)s (it is %(found)s)") % {
        "cause": CAUSES[reason.cause],
        "comparison": describe_comparison(reason.because, names),
        "found": found or _("empty"),
    }


def describe_comparison(leaf: Comparison, names: ChoiceNames) -> str:
    """Return a comparison in words."""
    words = [str(leaf.field.label), str(OPERATOR_LABELS[leaf.operator])]
    if leaf.operator is Operator.RANGE:
        low, high = (describe_value(leaf, one, names) for one in leaf.value)
        words.append(_("%(low)s and %(high)s") % {"low": low, "high": high})
    elif leaf.operator is Operator.WEEKDAY:
        words.append(", ".join(formats.date_format(_day(one), "l") for one in leaf.value))
    elif leaf.value is not None:
        words.append(describe_value(leaf, leaf.value, names))
    return " ".join(words)


def describe_value(leaf: Comparison, value: Any, names: ChoiceNames) -> str:
    """Return a value in readable form."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(describe_value(leaf, one, names) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    return str(formats.localize(names.find(leaf.field).get(value, value)))


def trace_condition(
    node: Node, facts: Facts, names: ChoiceNames, depth: int = 0
) -> Iterator[TraceLine]:
    """Yield each node of a condition with its result, even if it does not decide anything."""
    answer = evaluate(node, facts)
    if isinstance(node, Comparison):
        found = describe_value(node, facts.values.get(node.field.name), names)
        text = describe_comparison(node, names)
        yield TraceLine(depth=depth, text=text, holds=answer.holds, found=found)
        return
    yield TraceLine(depth=depth, text=str(JOINING[type(node)]), holds=answer.holds)
    for inner in (node.node,) if isinstance(node, Not) else node.nodes:
        yield from trace_condition(inner, facts, names, depth + 1)


def describe_recurrence(template: Any) -> str:
    """Return how often a template recurs, such as *every 2 weeks on Monday and Friday*.

    A rule that cannot be chosen in a form is returned unchanged. Costs no query.

    Args:
        template: A ``RecurringTaskTemplate``.
    """
    chosen = read_rule(template.rule, template.first_day)
    if chosen is None:
        return str(template.rule)
    often = FREQUENCY_LABELS[chosen["frequency"]] % {"count": chosen["interval"]}
    words = f"{often} {_name_days(chosen, template.first_day)}".rstrip()
    if chosen["last_day"] is None:
        return words
    last = formats.date_format(chosen["last_day"], "SHORT_DATE_FORMAT")
    return _("%(often)s until %(day)s") % {"often": words, "day": last}


def _name_days(chosen: Mapping[str, Any], first: datetime.date) -> str:
    """Return the days of a recurrence, using its first day if the rule has none."""
    frequency, day = chosen["frequency"], chosen["day_of_month"] or first.day
    if frequency == "daily":
        return ""
    if frequency == "weekly":
        names = [str(WEEKDAYS[one]) for one in chosen["weekdays"] or [first.weekday()]]
        return _("on %(days)s") % {"days": get_text_list(names, _("and"))}
    if frequency == "yearly":
        # Use a leap year, so that every possible day exists.
        month_end = calendar.monthrange(2000, first.month)[1]
        found = datetime.date(2000, first.month, min(day, month_end))
        return _("on %(days)s") % {"days": formats.date_format(found, "MONTH_DAY_FORMAT")}
    return _("on day %(day)d") % {"day": day}


def outline_condition(node: Node, names: ChoiceNames, depth: int = 0) -> Iterator[OutlineLine]:
    """Yield each node of a condition in words, with nested ones at a greater depth."""
    if isinstance(node, Comparison):
        yield OutlineLine(depth=depth, text=describe_comparison(node, names))
        return
    inner = (node.node,) if isinstance(node, Not) else node.nodes
    if inner:
        yield OutlineLine(depth=depth, text=str(JOINING[type(node)]))
    for one in inner:
        yield from outline_condition(one, names, depth + 1)


def _day(weekday: int) -> datetime.date:
    # The first of January 2024 was a Monday.
    return datetime.date(2024, 1, 1 + weekday)
