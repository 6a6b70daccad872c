"""The slot: a table with one row, where the triggers on SQLite find the context of a write.

SQLite has no setting that a trigger could read, and a function that only Django's connections
define would make every other program's write fail. So the context is written into the slot right
before a statement, and taken out right after it, in the transaction of the statement itself.
Writers exclude one another in SQLite: nobody else ever sees a filled slot.
"""

from secrets import randbits
from typing import Any, Final

from ..context import ChangeContext
from .declarations import WriteMode
from .identifiers import quote_literal

__all__ = [
    "CREATE_SLOT",
    "DETAILS",
    "EMPTY_SLOT",
    "FILL_SLOT",
    "FIND_REACTING_TABLES",
    "FIND_SLOT",
    "IS_UNLOCKED",
    "SLOT_TABLE",
    "render_slot",
]

SLOT_TABLE: Final = "modernize_slot"

DETAILS: Final = ("actor_label", "reason", "request_id", "ip_address", "user_agent")

SLOT_COLUMNS: Final = (
    *("actor_id", "source", *DETAILS),
    # What the details are found under, if there are any.
    "context_id",
    # A WriteMode.
    "mode",
    "transaction_id",
    "event_at",
)

CREATE_SLOT: Final = (
    f'CREATE TABLE IF NOT EXISTS "{SLOT_TABLE}" '
    f"(slot integer PRIMARY KEY CHECK (slot = 1), {', '.join(SLOT_COLUMNS)})"
)

FIND_SLOT: Final = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{SLOT_TABLE}'"

FIND_REACTING_TABLES: Final = """
SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'
UNION SELECT tbl_name FROM sqlite_temp_master WHERE type = 'trigger'
UNION SELECT keys."table" FROM sqlite_master tables, pragma_foreign_key_list(tables.name) keys
  WHERE tables.type = 'table' AND (keys.on_delete <> 'NO ACTION' OR keys.on_update <> 'NO ACTION')
"""
"""The tables a change of which can change rows of others: by a trigger or a foreign key."""

FILL_SLOT: Final = (
    f'INSERT OR REPLACE INTO "{SLOT_TABLE}" VALUES (1, {", ".join("?" for _ in SLOT_COLUMNS)})'
)

EMPTY_SLOT: Final = f'DELETE FROM "{SLOT_TABLE}"'

IS_UNLOCKED: Final = (
    f'EXISTS (SELECT 1 FROM "{SLOT_TABLE}" WHERE mode = {quote_literal(WriteMode.UNLOCKED)})'
)


def render_slot(change: ChangeContext, mode: WriteMode) -> tuple[Any, ...]:
    """Return what the slot says about a context: its columns up to the mode, in their order."""
    values = change.to_dict()
    values["request_id"] = None if change.request_id is None else change.request_id.hex
    details = [values[name] for name in DETAILS]
    # A random number needs no counter, and leaves room above for those that are counted.
    context_id = randbits(62) if any(details) else None
    return (values["actor_id"], values["source"], *details, context_id, mode.value)
