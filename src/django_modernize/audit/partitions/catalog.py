"""The partitions of the table of events, according to PostgreSQL's catalog."""

import re
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["EVENT_TABLE", "Layout", "Partition", "read_layout"]

EVENT_TABLE: Final = "modernize_audit_event"

LIST_PARTITIONS: Final = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_class whole
LEFT JOIN pg_inherits i ON i.inhparent = whole.oid AND NOT i.inhdetachpending
LEFT JOIN pg_class c ON c.oid = i.inhrelid
WHERE whole.oid = to_regclass(%s) AND whole.relkind = 'p'
"""

BOUNDS: Final = re.compile(r"FOR VALUES FROM \('?([^')]*)'?\) TO \('?([^')]*)'?\)")

MONTH: Final = re.compile(rf"{EVENT_TABLE}_(\d{{4}})_(\d\d)\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """A partition of the table of events, which covers a range of ids."""

    name: str
    start: int | None
    """The first id, or ``None`` if there is no lower bound."""

    end: int | None
    """The id after the last, or ``None`` for the newest, which has no upper bound."""

    @property
    def month(self) -> tuple[int, int] | None:
        """The year and month for which it was created, or ``None`` for the original table."""
        match = MONTH.match(self.name)
        return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The partitions of the table of events, ordered by id."""

    partitions: tuple[Partition, ...]

    @property
    def newest(self) -> Partition | None:
        """The partition for new events, or ``None`` if it was removed."""
        return next((part for part in reversed(self.partitions) if part.end is None), None)

    def find_gaps(self) -> list[tuple[int, int | None]]:
        """Return the ranges of ids without a partition, as the first id and the one after."""
        if any(part.start is None and part.end is None for part in self.partitions):
            return []
        gaps: list[tuple[int, int | None]] = []
        reached: int | None = 1
        for partition in self.partitions:
            if reached is not None and reached < (partition.start or reached):
                gaps.append((reached, partition.start))
            reached = partition.end
        if reached is not None:
            gaps.append((reached, None))
        return gaps


def read_layout(connection: BaseDatabaseWrapper) -> Layout | None:
    """Return the partitions of the table of events, or ``None`` if it has none. Costs a query.

    A default partition, created by hand, covers every id.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(LIST_PARTITIONS, [EVENT_TABLE])
        rows = cursor.fetchall()
    if not rows:
        return None
    found = [_describe_partition(name, bounds) for name, bounds in rows if name]
    return Layout(partitions=tuple(sorted(found, key=lambda partition: partition.start or 0)))


def _describe_partition(name: str, bounds: str) -> Partition:
    match = BOUNDS.match(bounds)
    start, end = match.groups() if match else ("MINVALUE", "MAXVALUE")
    return Partition(
        name=name,
        start=None if start == "MINVALUE" else int(start),
        end=None if end == "MAXVALUE" else int(end),
    )
