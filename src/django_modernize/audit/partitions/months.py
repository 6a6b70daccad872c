"""Start the partition of a month, and close the previous one.

The newest partition has no upper bound, so that no write ever fails for lack of one. To close it,
an id far ahead is chosen as its bound, and while writers continue, a check verifies that all events
are below it. Writers wait only for the moment in which the bounds change. The ids continue from
there: a gap of a hundred million, of which a bigint has room for ninety billion.
"""

from datetime import date
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from ...triggers.installer import synchronize_triggers
from ...triggers.vendors import find_vendor
from .catalog import EVENT_TABLE, Partition, read_layout
from .locks import ALONE, BESIDE_WRITERS, locked_table, run_script
from .tables import PartitionError, fetch_rows, read_table

__all__ = ["begin_month", "plan_month"]

HEADROOM: Final = 100_000_000
"""How far ahead the next partition begins: further than events are written while one checks."""

CHECK: Final = "modernize_audit_bound"


def begin_month(
    using: str = DEFAULT_DB_ALIAS, *, wait: float = 1.0, today: date | None = None
) -> Partition | None:
    """Start a partition for the current month, if the table of events has partitions.

    Args:
        using: The alias of the database.
        wait: How many seconds to wait for transactions that use the table. Writers queue up in the
            meantime.
        today: A day of the month. Defaults to today in UTC.

    Returns:
        The new partition, or ``None`` if there was nothing to do.

    Raises:
        EventsBusy: Transactions took longer. Nothing was changed: try again.
        PartitionError: The partitions were changed by hand.

    Costs one query if there is nothing to do. Otherwise the ending month is read once, while
    writers continue.
    """
    connection, day = connections[using], today or timezone.now().date()
    current = _find_due(connection, day)
    if current is None:
        return None
    boundary = _choose_boundary(connection)
    for mode, statements in (
        (ALONE, _limit(connection, current, boundary)),
        (BESIDE_WRITERS, _confirm(connection, current)),
    ):
        with locked_table(connection, wait, current.name, mode=mode):
            # Another one may have been through while this one waited for the lock.
            if _find_due(connection, day) != current:
                return None
            run_script(connection, statements)
    with locked_table(connection, wait):
        if _find_due(connection, day) != current:
            return None
        run_script(connection, _replace(connection, current, boundary, day))
        synchronize_triggers(connection, {EVENT_TABLE})
    # Vacuum looks at parts alone, and plans are made for the whole.
    run_script(connection, [f"ANALYZE {connection.ops.quote_name(EVENT_TABLE)}"])
    return Partition(name=_name_month(day), start=boundary, end=None)


def plan_month(
    connection: BaseDatabaseWrapper, current: Partition, day: date, source: str
) -> list[str]:
    """Return the statements that :func:`begin_month` would run.

    Args:
        connection: The database.
        current: The partition that takes events until then.
        day: A day of the month.
        source: The table that is set up as the new partition is to be.
    """
    boundary = _choose_boundary(connection)
    return [
        *_limit(connection, current, boundary),
        *_confirm(connection, current),
        *_replace(connection, current, boundary, day, source),
    ]


def _find_due(connection: BaseDatabaseWrapper, day: date) -> Partition | None:
    """Return the newest partition, if it is that of another month."""
    layout = read_layout(connection)
    if layout is None:
        return None
    newest = layout.newest
    if newest is None or (newest.start is None and len(layout.partitions) > 1):
        raise PartitionError(
            f"The partitions of {EVENT_TABLE} were changed by hand: none of them is open-ended. "
            "Attach the missing one, or merge the table with audit_partition --undo."
        )
    month = newest.month
    return newest if month is None or month < (day.year, day.month) else None


def _choose_boundary(connection: BaseDatabaseWrapper) -> int:
    sequence = find_vendor(connection).find_sequence(connection, EVENT_TABLE)
    ((last,),) = fetch_rows(connection, f"SELECT last_value FROM {sequence}")  # noqa: S608
    return (int(last) // HEADROOM + 2) * HEADROOM


def _limit(connection: BaseDatabaseWrapper, current: Partition, boundary: int) -> list[str]:
    table = connection.ops.quote_name(current.name)
    lowest = "" if current.start is None else f"id >= {current.start} AND "
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {CHECK}",
        f"ALTER TABLE {table} ADD CONSTRAINT {CHECK} CHECK ({lowest}id < {boundary}) NOT VALID",
    ]


def _confirm(connection: BaseDatabaseWrapper, current: Partition) -> list[str]:
    table = connection.ops.quote_name(current.name)
    return [f"ALTER TABLE {table} VALIDATE CONSTRAINT {CHECK}"]


def _replace(
    connection: BaseDatabaseWrapper,
    current: Partition,
    boundary: int,
    day: date,
    source: str = "",
) -> list[str]:
    """Return what closes a partition and makes the next; with the check, nothing is read."""
    quote = connection.ops.quote_name
    like = read_table(connection, source or current.name)
    whole, closed = (f"{like.schema}.{quote(name)}" for name in (EVENT_TABLE, current.name))
    made = f"{like.schema}.{quote(_name_month(day))}"
    lowest = "MINVALUE" if current.start is None else current.start
    options = f" WITH ({like.options})" if like.options else ""
    return [
        f"ALTER TABLE {whole} DETACH PARTITION {closed}",
        f"ALTER TABLE {whole} ATTACH PARTITION {closed} FOR VALUES FROM ({lowest}) TO ({boundary})",
        f"ALTER TABLE {closed} DROP CONSTRAINT {CHECK}",
        f"CREATE TABLE {made} PARTITION OF {whole}"
        f" FOR VALUES FROM ({boundary}) TO (MAXVALUE){options}",
        *([f"ALTER TABLE {made} {like.statistics}"] if like.statistics else []),
        f"ALTER TABLE {whole} ALTER id RESTART WITH {boundary}",
    ]


def _name_month(day: date) -> str:
    return f"{EVENT_TABLE}_{day:%Y_%m}"
