"""The description of a table from which a vendor generates its audit triggers."""

from dataclasses import dataclass
from typing import Final

from ..masking import HashSecret, MaskKind

__all__ = ["CaptureLink", "CaptureTable", "EventTables", "RecordedColumn"]

COLUMNS_PER_CALL: Final = 49
"""A function accepts 100 arguments on PostgreSQL and 127 on SQLite. The widest call has two for
each column, and one more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedColumn:
    """A column whose changes are recorded."""

    name: str
    column: str
    kind: str
    """The internal type of the field, or of the referenced field for a foreign key."""

    database_type: str
    mask: MaskKind | None = None
    """How the value is masked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventTables:
    """The tables of events. Names are quoted, with a schema if the database has schemas."""

    events: str
    contexts: str
    context_sequence: str
    """What numbers the contexts; empty where the database needs no name for it."""

    actor_type: str
    """The database type of the user's primary key."""

    secret: HashSecret | None = None
    """The location of the hash key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureTable:
    """A tracked model's table and its columns."""

    table: str
    label: str
    keys: tuple[RecordedColumn, ...]
    columns: tuple[RecordedColumn, ...]
    deletion_column: str | None
    """The column that a soft delete sets, if the model has one."""

    def cut_columns(self) -> list[tuple[RecordedColumn, ...]]:
        """Return the columns in chunks that fit a function call, with at least one chunk."""
        starts = range(0, max(1, len(self.columns)), COLUMNS_PER_CALL)
        return [self.columns[start : start + COLUMNS_PER_CALL] for start in starts]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureLink:
    """A table of a many-to-many relation, and the tracked model that its rows belong to."""

    table: str
    label: str
    name: str
    """The field's name in the events of the owner."""

    owner: RecordedColumn
    target: RecordedColumn
