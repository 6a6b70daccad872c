"""Asks a condition of the database."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan

from ..links import Link
from .nodes import AllOf, Comparison, Node, Not, Operator, list_leaves

__all__ = ["is_answered_by_database", "make_query"]

NOTHING: Final = Q(pk__in=[])
EVERYTHING: Final = ~NOTHING


def is_answered_by_database(node: Node) -> bool:
    """Return whether a condition can be asked in SQL.

    What happened is not in a row, and neither database can turn an instant into a day by a time
    zone that each row names; such conditions are looked at in Python.
    """
    return not any(
        leaf.asks_for_a_change or leaf.asks_for_a_local_day for leaf in list_leaves(node)
    )


def make_query(node: Node) -> Q:
    """Return a condition as a ``Q``; names of fields are those of the subject's annotations.

    Args:
        node: A condition for which :func:`is_answered_by_database` is true.
    """
    if isinstance(node, Comparison):
        return _compare(node)
    if isinstance(node, Not):
        return ~make_query(node.node)
    queries = [make_query(one) for one in node.nodes]
    if isinstance(node, AllOf):
        return _combine(queries, EVERYTHING, Q.AND)
    return _combine(queries, NOTHING, Q.OR)


def _combine(queries: list[Q], neutral: Q, connector: str) -> Q:
    return Q(*queries, _connector=connector) if queries else neutral


def _compare(leaf: Comparison) -> Q:
    if leaf.field.link is not None:
        return _compare_links(leaf, leaf.field.link)
    name = leaf.field.query_name
    if leaf.operator is Operator.EMPTY:
        return _is_empty(leaf, name)
    # Said of each leaf, a negation counts the rows without a value, whatever stands between.
    return Q(_make_lookup(leaf, name)) & Q((f"{name}__isnull", False))


def _compare_links(leaf: Comparison, link: Link) -> Q:
    if leaf.operator is Operator.EMPTY:
        return link.has_none()
    return (
        link.has_any(leaf.value) if leaf.operator is Operator.HAS_ANY else link.has_all(leaf.value)
    )


def _is_empty(leaf: Comparison, name: str) -> Q:
    query = Q((f"{name}__isnull", True))
    return query | Q((name, "")) if leaf.field.kind == "text" else query


def _make_lookup(leaf: Comparison, name: str) -> Any:
    value = leaf.value
    if leaf.operator is Operator.CONTAINS:
        # LIKE knows upper and lower case on one database and not on the other.
        return GreaterThan(StrIndex(F(name), Value(value)), 0)
    if leaf.operator is Operator.STARTS_WITH:
        return Exact(StrIndex(F(name), Value(value)), 1)
    if leaf.operator is Operator.WEEKDAY:
        return (f"{name}__iso_week_day__in", [day + 1 for day in value])
    words = {
        Operator.EQUALS: "exact",
        Operator.IN: "in",
        Operator.LESS: "lt",
        Operator.MORE: "gt",
        Operator.RANGE: "range",
    }
    return (f"{name}__{words[leaf.operator]}", value)
