"""Partition the table of events, and merge its partitions again.

The existing table becomes the first partition, without copying or reading any of its rows.
"""

from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ...triggers.installer import drop_triggers, synchronize_triggers
from ...triggers.vendors import find_vendor
from .catalog import EVENT_TABLE, Layout, Partition, read_layout
from .locks import locked_table, run_script
from .months import begin_month, plan_month
from .tables import (
    EventTable,
    PartitionError,
    fetch_rows,
    quote_names,
    read_grants,
    read_table,
)

__all__ = ["merge_partitions", "partition_events", "plan_merge", "plan_partitions"]

FIRST: Final = f"{EVENT_TABLE}_first"

INDEX_PARTS: Final = """
SELECT part.relname, whole.relname FROM pg_inherits i
JOIN pg_class part ON part.oid = i.inhrelid JOIN pg_class whole ON whole.oid = i.inhparent
JOIN pg_index x ON x.indexrelid = part.oid WHERE x.indrelid = to_regclass(%s)
"""


def partition_events(using: str = DEFAULT_DB_ALIAS, *, wait: float = 1.0) -> None:
    """Store events in monthly partitions from now on.

    Existing events remain where they are, in the first partition. The second one starts with the
    current month. Proofs remain valid, since rows and ids do not change.

    Args:
        using: The alias of the database.
        wait: How many seconds to wait for transactions that use the table. Writers queue up in the
            meantime.

    Raises:
        EventsBusy: Transactions took longer. Completed steps are kept: run it again.
        PartitionError: The database does not support partitions, or objects depend on the table.

    Writers are blocked twice, for a moment that does not depend on the size of the table.
    """
    connection = connections[using]
    _require_postgresql(connection)
    if read_layout(connection) is None:
        with locked_table(connection, wait):
            drop_triggers(connection, {EVENT_TABLE})
            run_script(connection, _describe_conversion(connection))
            synchronize_triggers(connection, {EVENT_TABLE})
    begin_month(using, wait=wait)


def merge_partitions(using: str = DEFAULT_DB_ALIAS, *, wait: float = 1.0) -> None:
    """Merge the partitions into one table, as before :func:`partition_events`.

    Args:
        using: The alias of the database.
        wait: How many seconds to wait for transactions that use the table.

    Raises:
        EventsBusy: Transactions took longer. Nothing was changed.
        PartitionError: There are no partitions, or objects depend on the table.

    Writers are blocked while the events of all partitions except the first are copied.
    """
    connection = connections[using]
    _require_postgresql(connection)
    with locked_table(connection, wait):
        layout = _require_layout(connection)
        parts = [partition.name for partition in layout.partitions]
        drop_triggers(connection, {EVENT_TABLE, *parts})
        run_script(connection, _describe_merge(connection, layout))
        synchronize_triggers(connection, {EVENT_TABLE})


def plan_partitions(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the statements that :func:`partition_events` would run, except those for triggers.

    Raises:
        PartitionError: See :func:`partition_events`.
    """
    connection, day = connections[using], timezone.now().date()
    _require_postgresql(connection)
    layout = read_layout(connection)
    if layout is None:
        first = Partition(name=FIRST, start=None, end=None)
        return [
            *_describe_conversion(connection),
            *plan_month(connection, first, day, EVENT_TABLE),
        ]
    newest = layout.newest
    if newest is None or newest.month == (day.year, day.month):
        return []
    return plan_month(connection, newest, day, newest.name)


def plan_merge(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the statements that :func:`merge_partitions` would run, except those for triggers.

    Raises:
        PartitionError: See :func:`merge_partitions`.
    """
    connection = connections[using]
    _require_postgresql(connection)
    return _describe_merge(connection, _require_layout(connection))


def _require_postgresql(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor != "postgresql":
        raise PartitionError(
            f"Database {connection.alias!r} is {connection.display_name}, which has no partitions: "
            "its event table stays in one piece."
        )


def _require_layout(connection: BaseDatabaseWrapper) -> Layout:
    layout = read_layout(connection)
    if layout is None or not layout.partitions:
        raise PartitionError(f"{EVENT_TABLE} of {connection.alias!r} has no partitions.")
    return layout


def _describe_conversion(connection: BaseDatabaseWrapper) -> list[str]:
    quote = connection.ops.quote_name
    table = read_table(connection, EVENT_TABLE)
    _refuse_dependents(table)
    (first,) = quote_names(connection, table.schema, [FIRST])
    indexes = quote_names(connection, table.schema, table.indexes)
    names = zip(table.indexes, indexes, strict=True)
    return [
        f"ALTER TABLE {table.name} ALTER id DROP IDENTITY",
        f"ALTER TABLE {table.name} RENAME TO {quote(FIRST)}",
        *(f"ALTER INDEX {index} RENAME TO {quote(_name_part(name))}" for name, index in names),
        f"CREATE TABLE {table.name} (LIKE {first} INCLUDING ALL EXCLUDING INDEXES)"
        " PARTITION BY RANGE (id)",
        *_number(connection, table.name),
        *_describe_indexes(connection, table),
        *([f"ALTER TABLE {table.name} {table.statistics}"] if table.statistics else []),
        *table.grants,
        f"ALTER TABLE {table.name} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO"
        " (MAXVALUE)",
    ]


def _describe_indexes(connection: BaseDatabaseWrapper, table: EventTable) -> list[str]:
    """Return the statements for the indexes of the whole, under the names that Django knows."""
    return [
        f"ALTER TABLE {table.name} ADD CONSTRAINT {connection.ops.quote_name(name)} {constraint}"
        if constraint
        else statement
        for name, (statement, constraint) in table.indexes.items()
    ]


def _describe_merge(connection: BaseDatabaseWrapper, layout: Layout) -> list[str]:
    quote = connection.ops.quote_name
    table = read_table(connection, EVENT_TABLE)
    _refuse_dependents(table)
    first, *others = (partition.name for partition in layout.partitions)
    kept, *moved = quote_names(connection, table.schema, [first, *others])
    indexes = dict(fetch_rows(connection, INDEX_PARTS, [first]))
    numbering = _number(connection, table.name)
    return [
        *(f"ALTER TABLE {table.name} DETACH PARTITION {part}" for part in (kept, *moved)),
        *(f"INSERT INTO {kept} SELECT * FROM {part} ORDER BY id" for part in moved),  # noqa: S608
        *(f"DROP TABLE {part}" for part in (*moved, table.name)),
        f"ALTER TABLE {kept} RENAME TO {quote(EVENT_TABLE)}",
        *(
            f"ALTER INDEX {quote_names(connection, table.schema, [part])[0]} RENAME TO"
            f" {quote(whole)}"
            for part, whole in indexes.items()
        ),
        *numbering,
        *table.grants,
    ]


def _number(connection: BaseDatabaseWrapper, name: str) -> list[str]:
    """Return what numbers the events of a new table: on from the last, by who may now."""
    sequence = find_vendor(connection).find_sequence(connection, EVENT_TABLE)
    state = f"SELECT last_value + is_called::int FROM {sequence}"  # noqa: S608
    ((following,),) = fetch_rows(connection, state)
    return [
        f"ALTER TABLE {name} ALTER id ADD GENERATED BY DEFAULT AS IDENTITY"
        f" (SEQUENCE NAME {sequence} START WITH {following})",
        *read_grants(connection, sequence),
    ]


def _refuse_dependents(table: EventTable) -> None:
    if table.dependents:
        raise PartitionError(
            f"Nothing was changed: {', '.join(table.dependents)} would stay with only one part of "
            f"{table.name}. Drop it first, and recreate it afterwards."
        )


def _name_part(index: str) -> str:
    return f"{index}_first"
