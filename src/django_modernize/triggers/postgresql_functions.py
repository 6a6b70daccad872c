"""Triggers on PostgreSQL with clauses of their own, and a function each."""

from django.db.backends.base.base import BaseDatabaseWrapper

from .declarations import Trigger, name_trigger
from .identifiers import digest_name

__all__ = ["build_function_trigger"]


def build_function_trigger(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    purpose: str,
    event: str,
    clauses: str,
    body: str,
    bits: int,
    prefix: str,
) -> Trigger:
    """Return a trigger with its function.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        purpose: Tells apart the triggers of one table.
        event: As ``AFTER INSERT``.
        clauses: What follows the table's name.
        body: A PL/pgSQL block.
        bits: The trigger's type, as ``pg_trigger.tgtype`` has it.
        prefix: What the name begins with, by which the feature is known.
    """
    name = name_trigger(table, purpose, digest_name(table), prefix)
    quoted = connection.ops.quote_name(name)
    # The catalogue gives back the body alone, so the clauses are noted there too.
    source = f"\n-- {event} {clauses}{body}"
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $modernize${source}$modernize$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted} {event} ON "
        f"{connection.ops.quote_name(table)} {clauses} EXECUTE FUNCTION {quoted}()"
    )
    return Trigger(
        name=name, table=table, statements=(function, trigger), definition=f"{bits}:{source}"
    )
