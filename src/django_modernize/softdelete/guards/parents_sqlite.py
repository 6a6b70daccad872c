"""The parent guards on SQLite, which need no locks since there is only one writer at a time."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ...triggers.catalogue import Catalogue
from ...triggers.declarations import SOFT_DELETE_PREFIX, Trigger
from ...triggers.identifiers import quote_literal
from ...triggers.sqlite import build_row_trigger
from .keys import GuardedKey

__all__ = ["build_guards"]


def build_guards(
    connection: BaseDatabaseWrapper, table: str, keys: list[GuardedKey], catalogue: Catalogue
) -> Iterator[Trigger]:
    """Yield the triggers of a child table: one for inserts, one for changed keys."""
    quote = connection.ops.quote_name
    living = ['NEW."deleted_at" IS NULL'] if keys[0].is_child_marked else []
    changed = " OR ".join(f"NEW.{quote(key.key)} IS NOT OLD.{quote(key.key)}" for key in keys)
    body = "; ".join(_render_refusal(connection, key) for key in keys)
    for event, conditions in (("insert", living), ("update", [*living, f"({changed})"])):
        yield build_row_trigger(
            connection,
            table=table,
            event=event,
            columns=[key.key for key in keys] if event == "update" else (),
            purpose=f"parent_{event}",
            prefix=SOFT_DELETE_PREFIX,
            condition=" AND ".join(conditions),
            body=body,
        )


def _render_refusal(connection: BaseDatabaseWrapper, key: GuardedKey) -> str:
    quote = connection.ops.quote_name
    return (
        f"SELECT RAISE(ABORT, {quote_literal(key.refusal)}) FROM {quote(key.parents)} p"
        f' WHERE p.{quote(key.parent_key)} = NEW.{quote(key.key)} AND p."deleted_at" IS NOT NULL'
    )
