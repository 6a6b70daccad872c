"""Drop partitions of which all events should be removed."""

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.installer import drop_triggers
from .catalog import Partition, read_layout
from .locks import locked_table, run_script
from .tables import fetch_rows

__all__ = ["drop_partition", "list_covered"]


def list_covered(connection: BaseDatabaseWrapper, last_id: int) -> list[Partition]:
    """Return the closed partitions without an event after an id, in order.

    Costs one query, and one more for each closed partition.
    """
    layout = read_layout(connection)
    closed = [part for part in layout.partitions if part.end is not None] if layout else []
    return [part for part in closed if _find_last(connection, part) <= last_id]


def drop_partition(
    connection: BaseDatabaseWrapper, partition: Partition, wait: float = 1.0
) -> None:
    """Drop a partition with all of its events.

    Raises:
        EventsBusy: Other transactions use the table of events.
    """
    with locked_table(connection, wait):
        drop_triggers(connection, {partition.name})
        run_script(connection, [f"DROP TABLE {connection.ops.quote_name(partition.name)}"])


def _find_last(connection: BaseDatabaseWrapper, partition: Partition) -> int:
    """Return the highest number in a partition; that before its first where it has no events."""
    table = connection.ops.quote_name(partition.name)
    empty = (partition.start or 1) - 1
    query = f"SELECT coalesce(max(id), {empty}) FROM {table}"  # noqa: S608 - of the catalogue
    ((last,),) = fetch_rows(connection, query)
    return int(last)
