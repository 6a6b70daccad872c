"""Reads a condition out of JSON, and says which node is wrong."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError

from ..exceptions import ConditionInvalid
from ..kinds import Kind, read_value
from ..subjects import Subject, SubjectField
from .nodes import (
    ALWAYS,
    OPERATORS,
    VALUE_LISTS,
    WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Comparison,
    Node,
    Not,
    Operator,
)

__all__ = ["parse_condition"]

MAX_DEPTH: Final = 8
MAX_NODES: Final = 100
"""Nobody reads a longer rule, and each node is a piece of SQL."""

LISTS: Final = VALUE_LISTS | {Operator.WEEKDAY}


def parse_condition(data: Any, subject: Subject) -> Node:
    """Return the condition that JSON describes.

    Args:
        data: ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": ...}`` or ``{"field": "status",
            "is": "equals", "value": "confirmed"}``; ``None`` or ``{}`` is true of everything.
        subject: Whose fields it may name.

    Raises:
        ConditionInvalid: It is none; the message names the node.
    """
    if data in (None, {}):
        return ALWAYS
    if (count := _count_nodes(data)) > MAX_NODES:
        raise ConditionInvalid("", f"{count} nodes are more than {MAX_NODES}: make two rules of it")
    return _parse_node(data, subject, place="", depth=0)


def _count_nodes(data: Any) -> int:
    if isinstance(data, dict):
        return 1 + sum(_count_nodes(value) for value in data.values())
    return sum(_count_nodes(value) for value in data) if isinstance(data, list) else 0


def _parse_node(data: Any, subject: Subject, *, place: str, depth: int) -> Node:
    if not isinstance(data, dict):
        raise ConditionInvalid(place, f"{_shorten(data)} is no node: expected an object")
    if depth > MAX_DEPTH:
        raise ConditionInvalid(place, f"nested more than {MAX_DEPTH} levels deep")
    for word, kind in (("all", AllOf), ("any", AnyOf)):
        if word in data:
            _expect_keys(data, {word}, place)
            return kind(_parse_list(data[word], subject, place=_join(place, word), depth=depth))
    if "not" in data:
        _expect_keys(data, {"not"}, place)
        inner = _parse_node(data["not"], subject, place=_join(place, "not"), depth=depth + 1)
        return Not(inner)
    return _parse_comparison(data, subject, place)


def _parse_list(data: Any, subject: Subject, *, place: str, depth: int) -> tuple[Node, ...]:
    if not isinstance(data, list):
        raise ConditionInvalid(place, f"{_shorten(data)} is no list of nodes")
    return tuple(
        _parse_node(one, subject, place=f"{place}[{index}]", depth=depth + 1)
        for index, one in enumerate(data)
    )


def _parse_comparison(data: dict[str, Any], subject: Subject, place: str) -> Comparison:
    if "field" not in data or "is" not in data:
        raise ConditionInvalid(
            place, 'expected "all", "any", "not", or a comparison with "field" and "is"'
        )
    field = _find_field(data["field"], subject, place)
    operator = _find_operator(data["is"], field, place)
    wanted = {"field", "is"} | (set() if operator in WITHOUT_VALUE else {"value"})
    _expect_keys(data, wanted, place)
    if operator in WITHOUT_VALUE:
        return Comparison(field, operator, None)
    value_place = _join(place, "value")
    return Comparison(field, operator, _parse_value(data["value"], field, operator, value_place))


def _find_field(name: Any, subject: Subject, place: str) -> SubjectField:
    field = subject.fields.get(name) if isinstance(name, str) else None
    if field is None:
        known = subject.describe_names()
        raise ConditionInvalid(_join(place, "field"), f"{_shorten(name)} is none of: {known}")
    return field


def _find_operator(word: Any, field: SubjectField, place: str) -> Operator:
    fitting = [one for one, kinds in OPERATORS.items() if field.kind in kinds]
    if word not in fitting:
        raise ConditionInvalid(
            _join(place, "is"),
            f"{_shorten(word)} does not go with {field.name} ({field.kind}): write one of "
            f"{', '.join(fitting)}",
        )
    return Operator(word)


def _parse_value(data: Any, field: SubjectField, operator: Operator, place: str) -> Any:
    if operator is Operator.RANGE:
        return _parse_range(data, field, place)
    if operator in LISTS:
        if not isinstance(data, list) or not data:
            raise ConditionInvalid(place, f"{_shorten(data)} is no list with at least one value")
        read = _read_weekday if operator is Operator.WEEKDAY else _read_choice
        return tuple(read(one, field, f"{place}[{index}]") for index, one in enumerate(data))
    return _read_choice(data, field, place)


def _parse_range(data: Any, field: SubjectField, place: str) -> tuple[Any, Any]:
    if not isinstance(data, dict) or set(data) != {"from", "to"}:
        raise ConditionInvalid(
            place, f'{_shorten(data)} is no range: write {{"from": ..., "to": ...}}'
        )
    low = _read_choice(data["from"], field, _join(place, "from"))
    high = _read_choice(data["to"], field, _join(place, "to"))
    if high < low:
        raise ConditionInvalid(place, "its end lies before its beginning")
    return low, high


def _read_choice(data: Any, field: SubjectField, place: str) -> Any:
    try:
        value = read_value(field.kind, data)
        value = field.link.read_key(value) if field.link else value
    except ValueError as error:
        raise ConditionInvalid(place, str(error)) from None
    except ValidationError:
        raise ConditionInvalid(place, f"{_shorten(data)} is no key") from None
    if field.choices and field.kind is Kind.TEXT and value not in field.choices:
        known = ", ".join(str(one) for one in field.choices)
        raise ConditionInvalid(place, f"{_shorten(data)} is none of: {known}")
    return value


def _read_weekday(data: Any, field: SubjectField, place: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int) or not 0 <= data <= 6:
        raise ConditionInvalid(place, f"{_shorten(data)} is no weekday: 0 (Monday) to 6 (Sunday)")
    return data


def _expect_keys(data: dict[str, Any], wanted: set[str], place: str) -> None:
    if extra := sorted(set(data) - wanted):
        raise ConditionInvalid(place, f"{', '.join(extra)} does not belong here")
    if missing := sorted(wanted - set(data)):
        raise ConditionInvalid(place, f"{', '.join(missing)} is missing")


def _join(place: str, word: str) -> str:
    return f"{place}.{word}" if place else word


def _shorten(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 40 else f"{text[:37]}..."
