"""Search the rows of a ``NoCycle`` for cycles, from one instance or through all rows."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from .messages import RowText, is_visible
from .references import column_of, compile_condition

if TYPE_CHECKING:
    from .no_cycle import NoCycle

__all__ = ["PathText", "find_closing_keys", "find_path"]

SHOWN_STEPS: Final = 6
"""The middle of a longer path is omitted from the message."""

REACHED: Final = (
    "WITH RECURSIVE reached(node) AS (SELECT stored.%(target)s FROM %(table)s AS stored "
    "WHERE stored.%(source)s = %%s AND %(stored)s UNION "
    "SELECT stored.%(target)s FROM reached JOIN %(table)s AS stored "
    "ON stored.%(source)s = reached.node WHERE %(stored)s) "
    "SELECT stored.%(source)s, stored.%(target)s FROM %(table)s AS stored WHERE %(stored)s "
    "AND (stored.%(source)s = %%s OR stored.%(source)s IN (SELECT node FROM reached))"
)
EVERY: Final = (
    "SELECT stored.%(key)s, stored.%(source)s, stored.%(target)s FROM %(table)s AS stored "
    "WHERE %(stored)s ORDER BY stored.%(key)s"
)


class PathText:
    """The text of a path, evaluated lazily when the message is shown, which costs a query.

    Args:
        keys: The values along the path, as stored in the database.
        field: A field that holds such values.
        using: The alias of the database.
    """

    def __init__(self, keys: Sequence[Any], field: Field[Any, Any], using: str) -> None:
        self._keys = keys
        self._field = field
        self._using = using

    def __str__(self) -> str:
        shown: list[Any] = list(self._keys)
        if len(shown) > SHOWN_STEPS:
            shown = [*shown[: SHOWN_STEPS // 2], None, *shown[-SHOWN_STEPS // 2 :]]
        rows = self._load_rows(key for key in shown if key is not None)
        return " → ".join("…" if key is None else self._name(rows, key) for key in shown)

    def _load_rows(self, keys: Iterable[Any]) -> Mapping[Any, Model]:
        related = self._field.remote_field
        if related is None:
            return {}
        name = cast("Any", self._field).target_field.name
        model: type[Model] = related.model
        wanted = {self._field.to_python(key) for key in keys}
        rows = model._base_manager.using(self._using).filter(**{f"{name}__in": wanted})
        return {getattr(row, name): row for row in rows}

    def _name(self, rows: Mapping[Any, Model], key: Any) -> str:
        if self._field.remote_field is None:
            return str(key)
        row = rows.get(self._field.to_python(key))
        return str(RowText(row)) if row is not None and is_visible(row) else _("another row")


def find_path(
    constraint: NoCycle, model: type[Model], instance: Model, using: str
) -> list[Any] | None:
    """Return the cycle that an instance would close, as database values, or ``None``.

    Costs one query, or none for an instance that leads to itself.
    """
    connection = connections[using]
    source, target = (
        field.get_db_prep_value(getattr(instance, field.attname), connection)
        for field in constraint.find_fields(model)
    )
    if source == target:
        return [source, target]
    steps: dict[Any, list[Any]] = defaultdict(list)
    for start, end in _read_reached(constraint, model, instance, target, connection):
        steps[start].append(end)
    way = _find_way(steps, target, source)
    return None if way is None else [source, *way]


def find_closing_keys(
    constraint: NoCycle, model: type[Model], connection: BaseDatabaseWrapper
) -> list[Any]:
    """Return the keys of the rows that close a cycle with kept rows of smaller keys.

    Costs one query over all rows.
    """
    parts, params = _build_parts(constraint, model, connection)
    with connection.cursor() as cursor:
        cursor.execute(EVERY % parts, params)
        rows = cursor.fetchall()
    steps: dict[Any, list[Any]] = defaultdict(list)
    closing = []
    for key, source, target in rows:
        if _find_way(steps, target, source) is None:
            steps[source].append(target)
        else:
            closing.append(key)
    return closing


def _read_reached(
    constraint: NoCycle,
    model: type[Model],
    instance: Model,
    target: Any,
    connection: BaseDatabaseWrapper,
) -> list[tuple[Any, Any]]:
    parts, params = _build_parts(constraint, model, connection)
    if instance.pk is not None:
        quote = connection.ops.quote_name
        keys = model._meta.pk_fields
        own = " AND ".join(f"stored.{quote(column_of(key))} = %s" for key in keys)
        parts["stored"] = f"{parts['stored']} AND NOT ({own})"
        params = [
            *params,
            *(key.get_db_prep_value(getattr(instance, key.attname), connection) for key in keys),
        ]
    with connection.cursor() as cursor:
        cursor.execute(REACHED % parts, [target, *params, *params, *params, target])
        return [(start, end) for start, end in cursor.fetchall()]


def _build_parts(
    constraint: NoCycle, model: type[Model], connection: BaseDatabaseWrapper
) -> tuple[dict[str, str], list[Any]]:
    quote = connection.ops.quote_name
    source, target = constraint.find_fields(model)
    stored, params = compile_condition(
        model, constraint.membership(model), connection, alias="stored"
    )
    parts = {
        "table": quote(model._meta.db_table),
        "key": quote(column_of(model._meta.pk_fields[0])),
        "source": quote(column_of(source)),
        "target": quote(column_of(target)),
        "stored": f"({stored})",
    }
    return parts, params


def _find_way(steps: Mapping[Any, Sequence[Any]], start: Any, end: Any) -> list[Any] | None:
    """Return the shortest path from start to end, or ``None``."""
    before: dict[Any, Any] = {start: None}
    waiting = deque([start])
    while waiting and end not in before:
        node = waiting.popleft()
        for following in steps.get(node, ()):
            if following not in before:
                before[following] = node
                waiting.append(following)
    if end not in before:
        return None
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
