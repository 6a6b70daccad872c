"""What a condition is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ..kinds import Kind
from ..subjects import SubjectField

__all__ = [
    "ALWAYS",
    "OPERATORS",
    "VALUE_LISTS",
    "WITHOUT_VALUE",
    "AllOf",
    "AnyOf",
    "Comparison",
    "Node",
    "Not",
    "Operator",
    "list_leaves",
]


class Operator(StrEnum):
    """How a field is compared."""

    EQUALS = "equals"
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    LESS = "less"
    MORE = "more"
    RANGE = "range"
    EMPTY = "empty"
    WEEKDAY = "weekday"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    CHANGED = "changed"
    CHANGED_FROM = "changed_from"
    CHANGED_TO = "changed_to"


ORDERED: Final = {Kind.NUMBER, Kind.DATE, Kind.INSTANT}
SINGLE: Final = frozenset(Kind) - {Kind.KEYS}
OPERATORS: Final[dict[Operator, frozenset[Kind]]] = {
    Operator.EQUALS: SINGLE - {Kind.INSTANT},
    Operator.IN: SINGLE - {Kind.INSTANT, Kind.BOOLEAN},
    Operator.CONTAINS: frozenset({Kind.TEXT}),
    Operator.STARTS_WITH: frozenset({Kind.TEXT}),
    Operator.LESS: frozenset(ORDERED),
    Operator.MORE: frozenset(ORDERED),
    Operator.RANGE: frozenset(ORDERED),
    Operator.EMPTY: frozenset(Kind),
    Operator.WEEKDAY: frozenset({Kind.DATE, Kind.INSTANT}),
    Operator.HAS_ANY: frozenset({Kind.KEYS}),
    Operator.HAS_ALL: frozenset({Kind.KEYS}),
    Operator.CHANGED: SINGLE,
    Operator.CHANGED_FROM: SINGLE - {Kind.INSTANT},
    Operator.CHANGED_TO: SINGLE - {Kind.INSTANT},
}
"""The kinds of values for which an operator makes sense."""

WITHOUT_VALUE: Final = frozenset({Operator.EMPTY, Operator.CHANGED})
"""The operators that compare with nothing."""

VALUE_LISTS: Final = frozenset({Operator.IN, Operator.HAS_ANY, Operator.HAS_ALL})
"""The operators that compare with several values of the field's kind."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """True if all of its nodes are; without any it is true."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if one of its nodes is; without any it is false."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True if its node is not."""

    node: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field compared with a value; false where the field is empty, but for ``EMPTY``."""

    field: SubjectField
    operator: Operator
    value: Any
    """Of the field's type; a tuple for lists, ``RANGE`` and ``WEEKDAY`` (Monday is 0)."""

    @property
    def asks_for_a_change(self) -> bool:
        """Whether it looks at what happened in place of what is."""
        return self.operator.value.startswith("changed")

    @property
    def asks_for_a_local_day(self) -> bool:
        """Whether the answer depends on the subject's time zone."""
        return self.operator is Operator.WEEKDAY and self.field.kind is Kind.INSTANT


Node = AllOf | AnyOf | Not | Comparison

ALWAYS: Final = AllOf(())


def list_leaves(node: Node) -> Iterator[Comparison]:
    """Yield the comparisons of a condition."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Not):
        yield from list_leaves(node.node)
    else:
        for inner in node.nodes:
            yield from list_leaves(inner)
