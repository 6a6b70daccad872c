"""What a vendor has to know to generate the audit triggers of one tracked table."""

from dataclasses import dataclass
from typing import Final

__all__ = ["MASK", "CaptureTable", "RecordedColumn"]

MASK: Final = "********"
"""What an event shows in place of a value that must not be stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedColumn:
    """A column whose changes are recorded."""

    name: str
    column: str
    kind: str
    """The internal type of the field, of the field that it points to for a foreign key."""

    database_type: str
    is_masked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureTable:
    """A tracked table, its columns and where its events go."""

    table: str
    label: str
    event_table: str
    """The table of events, quoted and with its schema where the database has schemas."""

    primary_key: str
    columns: tuple[RecordedColumn, ...]
    deletion_column: str | None
    """The column that is set by a soft delete, if the model knows one."""

    actor_type: str
    """The database type of the user's primary key."""
