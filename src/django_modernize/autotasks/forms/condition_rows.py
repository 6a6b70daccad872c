"""A condition as rows of a form, and back: comparisons, of which some may stand in a group.

What most people write is "all of these" or "one of these", with a group of the other kind among
them. A tree that is deeper than that has no rows and is edited as text.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from ..choices import find_choices
from ..conditions.nodes import VALUE_LISTS, WITHOUT_VALUE, Operator
from ..kinds import Kind
from ..subjects import Subject, SubjectField

__all__ = ["GROUPS", "ConditionRow", "ProblemInRow", "read_tree", "write_tree"]

GROUPS: Final = ("A", "B", "C")
OTHER: Final = {"all": "any", "any": "all"}
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionRow:
    """One comparison as a person fills it in."""

    group: str = ""
    """The group that it stands in, empty for none."""

    negated: bool = False
    field: str = ""
    operator: str = ""
    value: str = ""
    upper: str = ""
    """The end of a range."""


class ProblemInRow(ValueError):
    """A row cannot be understood.

    Args:
        number: Which row, counted from one.
        problem: What is wrong.
    """

    def __init__(self, number: int, problem: str) -> None:
        self.number = number
        super().__init__(problem)


def read_tree(tree: Any, subject: Subject) -> tuple[str, list[ConditionRow]] | None:
    """Return how the rows of a condition are joined, and the rows; ``None`` for a deeper tree."""
    if not tree:
        return "all", []
    if "all" not in tree and "any" not in tree:
        tree = {"all": [tree]}
    word = "all" if "all" in tree else "any"
    rows: list[ConditionRow] = []
    names = iter(GROUPS)
    for node in tree[word]:
        if OTHER[word] in node:
            group = next(names, None)
            found = [_read_node(one, subject, group or "") for one in node[OTHER[word]]]
        else:
            group, found = "", [_read_node(node, subject, "")]
        if group is None or not found or None in found:
            return None
        rows += [row for row in found if row is not None]
    return word, rows


def write_tree(word: str, rows: Sequence[ConditionRow], subject: Subject) -> dict[str, Any]:
    """Return the condition of rows.

    Args:
        word: ``all`` or ``any``: how they are joined; within a group it is the other.
        rows: The rows; those without a field are passed over.
        subject: Whose fields they name.

    Raises:
        ProblemInRow: One cannot be understood.
    """
    nodes: list[dict[str, Any]] = []
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        if not row.field:
            continue
        node = _write_node(number, row, subject)
        if not row.group:
            nodes.append(node)
        elif row.group in groups:
            groups[row.group].append(node)
        else:
            groups[row.group] = [node]
            nodes.append({OTHER[word]: groups[row.group]})
    if len(nodes) == 1 and word == "all":
        return nodes[0]
    return {word: nodes} if nodes else {}


def _read_node(node: Any, subject: Subject, group: str) -> ConditionRow | None:
    negated = "not" in node
    leaf = node["not"] if negated else node
    if "field" not in leaf:
        return None
    field = subject.fields.get(leaf["field"])
    value = leaf.get("value")
    is_range = leaf.get("is") == Operator.RANGE and isinstance(value, dict)
    low, high = (value["from"], value["to"]) if is_range else (value, None)
    return ConditionRow(
        group=group,
        negated=negated,
        field=leaf["field"],
        operator=leaf.get("is", ""),
        value=_show_value(low, field, leaf.get("is", "")),
        upper=_show_value(high, field, ""),
    )


def _show_value(value: Any, field: SubjectField | None, operator: str) -> str:
    if value is None:
        return ""
    if operator == Operator.WEEKDAY:
        return ", ".join(str(WEEKDAYS_ABBR[day]) for day in value)
    if isinstance(value, list):
        return ", ".join(_show_value(one, field, "") for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and field.kind is Kind.INSTANT:
        return f"{timezone.localtime(datetime.datetime.fromisoformat(value)):%Y-%m-%dT%H:%M}"
    labels = find_choices(field) if field else {}
    return str(labels.get(value, value))


def _write_node(number: int, row: ConditionRow, subject: Subject) -> dict[str, Any]:
    field = subject.fields.get(row.field)
    if field is None or row.operator not in set(Operator):
        raise ProblemInRow(number, _("Choose a field and how it is compared."))
    operator = Operator(row.operator)
    leaf: dict[str, Any] = {"field": row.field, "is": operator.value}
    if operator not in WITHOUT_VALUE:
        if not row.value.strip() or (operator is Operator.RANGE and not row.upper.strip()):
            raise ProblemInRow(number, _("Say with what it is compared."))
        leaf["value"] = _write_value(number, row, field, operator)
    return {"not": leaf} if row.negated else leaf


def _write_value(number: int, row: ConditionRow, field: SubjectField, operator: Operator) -> Any:
    def read(text: str) -> Any:
        return _read_text(number, text.strip(), field)

    if operator is Operator.RANGE:
        return {"from": read(row.value), "to": read(row.upper)}
    if operator is Operator.WEEKDAY:
        return [_read_day(number, part) for part in _split(row.value)]
    if operator in VALUE_LISTS:
        return [read(part) for part in _split(row.value)]
    return read(row.value)


def _split(text: str) -> Iterable[str]:
    return [part for part in (one.strip() for one in text.split(",")) if part]


def _read_day(number: int, text: str) -> int:
    given = text.lower().rstrip(".")
    for index, day in enumerate(DAYS):
        # A person's own words count, and English ones.
        names = (str(WEEKDAYS[index]).lower(), str(WEEKDAYS_ABBR[index]).lower().rstrip("."))
        if given.startswith(day) or given in names:
            return index
    problem = _("“%(text)s” is no day of the week: write %(monday)s, %(tuesday)s and so on.")
    days = {"monday": WEEKDAYS_ABBR[0], "tuesday": WEEKDAYS_ABBR[1]}
    raise ProblemInRow(number, problem % {"text": text, **days})


def _read_text(number: int, text: str, field: SubjectField) -> Any:
    keys = _turn_round(find_choices(field))
    if text.lower() in keys:
        return keys[text.lower()]
    if field.kind is Kind.BOOLEAN:
        words = {"yes": True, "true": True, _("yes"): True, "no": False, "false": False}
        words[_("no")] = False
        if text.lower() not in words:
            raise ProblemInRow(number, _("“%(text)s” is neither yes nor no.") % {"text": text})
        return words[text.lower()]
    if field.kind is Kind.INSTANT:
        return _read_instant(text)
    if field.kind in (Kind.NUMBER, Kind.KEY, Kind.KEYS) and text.lstrip("-").isdecimal():
        return int(text)
    return text


def _read_instant(text: str) -> str:
    """Return an instant with its zone, the current one where none is said."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None or timezone.is_aware(instant):
        return text
    return timezone.make_aware(instant).isoformat()


def _turn_round(choices: Mapping[Any, str]) -> dict[str, Any]:
    return {str(label).lower(): value for value, label in choices.items()}
