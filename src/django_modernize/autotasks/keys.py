"""Conditions on many keys, which PostgreSQL takes as one parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value

__all__ = ["filter_keys", "match_any"]


def filter_keys(rows: QuerySet[Model], keys: Sequence[Any]) -> QuerySet[Any]:
    """Return the rows of a queryset whose primary key is one of some.

    Args:
        rows: The rows, of any number.
        keys: The keys, as the trail writes them or as they are.
    """
    if connections[rows.db].vendor != "postgresql":
        return rows.filter(pk__in=keys)
    key: Any = rows.model._meta.pk
    return rows.filter(match_any("pk", [key.get_prep_value(one) for one in keys]))


def match_any(name: str, values: Sequence[Any]) -> Func:
    """Return the condition that a column of PostgreSQL holds one of some values.

    With ``__in`` each value is a parameter, which takes several times as long to write and to read.

    Args:
        name: The name of the column.
        values: The values, as the database knows them.
    """
    return Func(
        F(name),
        Value(list(values), output_field=Field()),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
