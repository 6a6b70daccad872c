"""Conditions on many keys, which are passed to PostgreSQL as a single parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value

__all__ = ["filter_keys", "match_any"]


def filter_keys(rows: QuerySet[Model], keys: Sequence[Any]) -> QuerySet[Any]:
    """Return the rows of a queryset with the given primary keys.

    Args:
        rows: The queryset.
        keys: Any number of keys, as written in the trail or as they are.
    """
    if connections[rows.db].vendor != "postgresql":
        return rows.filter(pk__in=keys)
    key: Any = rows.model._meta.pk
    return rows.filter(match_any("pk", [key.get_prep_value(one) for one in keys]))


def match_any(name: str, values: Sequence[Any]) -> Func:
    """Return the condition that a PostgreSQL column has one of the given values.

    With ``__in`` each value is a parameter, which takes several times as long to send and parse.

    Args:
        name: The name of the column.
        values: The values as stored in the database.
    """
    return Func(
        F(name),
        Value(list(values), output_field=Field()),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
