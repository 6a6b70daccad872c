"""Where triggers on SQLite find the context of a write: in the slot, or through a function.

SQLite has no setting that a trigger could read, and a function that only Django's connections
define would make the writes of other programs fail. So the context is written to the slot, a table
with one row, right before a statement and removed right after it, in the same transaction. SQLite
has one writer at a time, so no other connection ever sees a filled slot.

If the slot is empty, the triggers call :data:`TELLING_FUNCTION`. This costs a fifth of filling and
emptying the slot, but each call acquires Python's lock for each row, so it is only used for
statements that change one row.
"""

from secrets import randbits
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db.backends.base.base import BaseDatabaseWrapper

from ..context import ChangeContext
from .declarations import WriteMode
from .identifiers import quote_literal

__all__ = [
    "CREATE_SLOT",
    "DETAILS",
    "EMPTY_SLOT",
    "FILL_SLOT",
    "FIND_DETAILS",
    "FIND_SLOT",
    "IS_UNLOCKED",
    "SLOT_TABLE",
    "TELLING_FUNCTION",
    "SlotValues",
    "render_answer",
    "render_slot",
    "render_told",
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

TELLING_FUNCTION: Final = "json_extract"
"""Asked with one argument, for which every SQLite has this function and answers NULL: it extracts
nothing. An application may overload a function for a number of arguments, see
https://www.sqlite.org/c3ref/create_function.html; ours answers in Django's connections alone."""

CREATE_SLOT: Final = (
    f'CREATE TABLE IF NOT EXISTS "{SLOT_TABLE}" '
    f"(slot integer PRIMARY KEY CHECK (slot = 1), {', '.join(SLOT_COLUMNS)})"
)

FIND_SLOT: Final = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{SLOT_TABLE}'"

FIND_DETAILS: Final = 'SELECT 1 FROM "modernize_audit_context" WHERE id = ?'

FILL_SLOT: Final = (
    f'INSERT OR REPLACE INTO "{SLOT_TABLE}" VALUES (1, {", ".join("?" for _ in SLOT_COLUMNS)})'
)

EMPTY_SLOT: Final = f'DELETE FROM "{SLOT_TABLE}"'

IS_UNLOCKED: Final = (
    f'EXISTS (SELECT 1 FROM "{SLOT_TABLE}" WHERE mode = {quote_literal(WriteMode.UNLOCKED)})'
)


class SlotValues(NamedTuple):
    """What is said about a context."""

    columns: tuple[Any, ...]
    """The slot's columns up to the mode, in their order."""

    told: dict[str, Any]
    """What the function answers."""


def render_slot(
    connection: BaseDatabaseWrapper, change: ChangeContext, mode: WriteMode
) -> SlotValues:
    """Return what the database is to know of a context."""
    values = change.to_dict()
    values["request_id"] = None if change.request_id is None else change.request_id.hex
    details = [values[name] for name in DETAILS]
    told = {
        "actor_id": _store_key(connection, change.actor_id),
        "source": values["source"],
        # A random number needs no counter, and leaves room above for those that are counted.
        "context_id": randbits(62) if any(details) else None,
    }
    columns = (told["actor_id"], told["source"], *details, told["context_id"], mode.value)
    return SlotValues(columns=columns, told=told)


def _store_key(connection: BaseDatabaseWrapper, key: Any) -> Any:
    """Return a user's key as its column has it, so that it joins: a UUID without its dashes."""
    return None if key is None else get_user_model()._meta.pk.get_db_prep_value(key, connection)


def render_answer(column: str) -> str:
    """Return SQL for a value of the context, where the slot has not been joined."""
    slot = f'SELECT {column} FROM "{SLOT_TABLE}"'
    return (
        f'CASE WHEN EXISTS (SELECT 1 FROM "{SLOT_TABLE}") THEN ({slot}) '
        f"ELSE {TELLING_FUNCTION}('{column}') END"
    )


def render_told(column: str) -> str:
    """Return SQL for a value of the context, where the slot has been joined as ``slot``."""
    # Not coalesce(): what is NULL in a filled slot would be asked for again with each row.
    return f"CASE WHEN slot.slot IS NULL THEN {TELLING_FUNCTION}('{column}') ELSE slot.{column} END"
