"""The parts of an SQLite schema needed to pass the context of a write to triggers."""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

from .declarations import list_target_tables
from .sqlite_slot import FIND_SLOT, SLOT_TABLE
from .statements import changes_one_row

__all__ = ["KnownSchema", "read_schema"]

FIND_REACTING_TABLES: Final = """
SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'
UNION SELECT tbl_name FROM sqlite_temp_master WHERE type = 'trigger'
UNION SELECT keys."table" FROM sqlite_master tables, pragma_foreign_key_list(tables.name) keys
  WHERE tables.type = 'table' AND (keys.on_delete <> 'NO ACTION' OR keys.on_update <> 'NO ACTION')
"""
"""The tables a change of which can change rows of others: by a trigger or a foreign key."""

FIND_KEYS: Final = """
SELECT tables.name, max(CASE WHEN columns.pk THEN columns.name END)
FROM sqlite_master tables, pragma_table_info(tables.name) columns
WHERE tables.type = 'table' GROUP BY tables.name HAVING max(columns.pk) = 1
"""
"""The tables whose key is one column, each with that column."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSchema:
    """The schema as it was when it was read."""

    has_slot: bool
    keeps_details: bool
    """Whether a trigger keeps the details of a context when the slot is emptied."""

    heard_tables: frozenset[str]
    """The tables of whose changes a trigger may hear."""

    keys: dict[str, str] = field(default_factory=dict)
    """Tables to their primary keys, of one column each."""

    def hears_of(self, table: str | None) -> bool:
        """Return whether a trigger may hear of changes of a table, of one that is not known too."""
        return table is None or table in self.heard_tables

    def changes_one_row(self, sql: str, table: str | None) -> bool:
        """Return whether a statement is sure to change one row of its table at most."""
        return table is not None and changes_one_row(sql, table, self.keys.get(table))


def read_schema(driver: sqlite3.Connection) -> KnownSchema:
    """Read what is needed in three queries."""
    reacting = {table for (table,) in driver.execute(FIND_REACTING_TABLES)}
    return KnownSchema(
        has_slot=driver.execute(FIND_SLOT).fetchone() is not None,
        keeps_details=SLOT_TABLE in reacting,
        # A trigger that another process puts on a tracked table later shall find the context.
        heard_tables=frozenset(reacting | list_target_tables()),
        keys=dict(driver.execute(FIND_KEYS).fetchall()),
    )
