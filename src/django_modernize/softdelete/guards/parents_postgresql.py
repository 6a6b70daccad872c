"""The parent guards on PostgreSQL.

A deletion locks the parents ``FOR UPDATE``, marks them, and then marks their children. The trigger
on a concurrently inserted child immediately locks the parent's row ``FOR KEY SHARE``, since
Django's foreign keys are checked only at the end of the transaction, which would be too late. So
either the deletion waits and sees the child, or the child waits and sees that its parent is
deleted.
"""

from collections.abc import Iterator
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.catalogue import Catalogue
from ...triggers.declarations import SOFT_DELETE_PREFIX, Trigger
from ...triggers.identifiers import quote_literal
from ...triggers.postgresql_functions import build_function_trigger
from .keys import GuardedKey

__all__ = ["build_guards"]

INSERT_BITS: Final = 4
"""pg_trigger.tgtype of a statement-level AFTER INSERT trigger."""

UPDATE_BITS: Final = 1 | 16
"""pg_trigger.tgtype of a row-level AFTER UPDATE trigger."""

# Lock in the subquery, and keep the condition out of it with OFFSET, to lock live parents too.
FIND_DELETED: Final = (
    "EXISTS (SELECT 1 FROM {rows} CROSS JOIN LATERAL (SELECT p.deleted_at FROM {parents} p"
    " WHERE p.{parent_key} = n.{key} FOR KEY SHARE OFFSET 0) held"
    " WHERE held.deleted_at IS NOT NULL{living})"
)
REFUSE: Final = (
    "  IF {found} THEN\n"
    "    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = {message};\n"
    "  END IF;\n"
)


def build_guards(
    connection: BaseDatabaseWrapper, table: str, keys: list[GuardedKey], catalogue: Catalogue
) -> Iterator[Trigger]:
    """Yield the triggers of a child table: one for inserts, one for changed keys."""
    quote = connection.ops.quote_name
    changed = " OR ".join(
        f"NEW.{quote(key.key)} IS DISTINCT FROM OLD.{quote(key.key)}" for key in keys
    )
    living = " AND NEW.deleted_at IS NULL" if keys[0].is_child_marked else ""
    yield build_function_trigger(
        connection,
        prefix=SOFT_DELETE_PREFIX,
        table=table,
        purpose="parent_insert",
        event="AFTER INSERT",
        rows=["new_rows"],
        level="STATEMENT",
        body=_render_body(connection, keys, "new_rows n", catalogue),
        bits=INSERT_BITS,
    )
    yield build_function_trigger(
        connection,
        prefix=SOFT_DELETE_PREFIX,
        table=table,
        purpose="parent_update",
        event="AFTER UPDATE",
        columns=[key.key for key in keys],
        level="ROW",
        condition=f"({changed}){living}",
        body=_render_body(connection, keys, "(SELECT NEW.*) n", catalogue),
        bits=UPDATE_BITS,
    )


def _render_body(
    connection: BaseDatabaseWrapper, keys: list[GuardedKey], rows: str, catalogue: Catalogue
) -> str:
    quote = connection.ops.quote_name
    refusals = [
        REFUSE.format(
            found=FIND_DELETED.format(
                rows=rows,
                parents=catalogue.names[key.parents],
                parent_key=quote(key.parent_key),
                key=quote(key.key),
                living=" AND n.deleted_at IS NULL" if key.is_child_marked else "",
            ),
            message=quote_literal(key.refusal),
        )
        for key in keys
    ]
    return f"\nBEGIN\n{''.join(refusals)}  RETURN NULL;\nEND\n"
