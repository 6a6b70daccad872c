"""Triggers on PostgreSQL with clauses of their own, and a function each."""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from .declarations import Trigger, name_trigger
from .identifiers import digest_name
from .postgresql import (
    STEADY_PLAN,
    note_settings,
    render_referencing,
    render_settings,
    render_shape,
)

__all__ = ["build_function_trigger"]


def build_function_trigger(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    purpose: str,
    event: str,
    level: str,
    body: str,
    bits: int,
    prefix: str,
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
    condition: str = "",
) -> Trigger:
    """Return a trigger with its function.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        purpose: Tells apart the triggers of one table.
        event: As ``AFTER INSERT``.
        level: ``ROW`` or ``STATEMENT``, for each of which it runs once.
        body: A PL/pgSQL block.
        bits: The trigger's type, as ``pg_trigger.tgtype`` has it.
        prefix: What the name begins with, by which the feature is known.
        columns: The columns whose updates alone fire it; all by default.
        rows: ``old_rows``, ``new_rows`` or both, if the body reads the rows of the statement.
        condition: Without which it does not fire.
    """
    name = name_trigger(table, purpose, digest_name(table), prefix)
    quoted = connection.ops.quote_name(name)
    when = f"{event} OF {', '.join(map(connection.ops.quote_name, columns))}" if columns else event
    clauses = f"{render_referencing(rows)}FOR EACH {level}"
    if condition:
        clauses += f" WHEN ({condition})"
    # The catalogue gives a condition back in its own words, so the clauses are noted there too.
    source = f"\n-- {when} {clauses}{body}"
    settings = STEADY_PLAN if rows else {}
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted}() RETURNS trigger LANGUAGE plpgsql "
        f"{render_settings(settings)}AS $modernize${source}$modernize$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted} {when} ON "
        f"{connection.ops.quote_name(table)} {clauses} EXECUTE FUNCTION {quoted}()"
    )
    shape = render_shape(rows, is_conditional=bool(condition), columns=columns)
    return Trigger(
        name=name,
        table=table,
        statements=(function, trigger),
        definition=f"{bits}:{shape}:{note_settings(settings)}:{source}",
    )
