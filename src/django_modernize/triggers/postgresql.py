"""Triggers on PostgreSQL: a function for each, which runs once per statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from .declarations import MANAGED_PREFIXES, InstalledTrigger, Trigger, WriteMode, name_trigger
from .identifiers import digest_name
from .postgresql_delivery import TOLD_MODE

__all__ = [
    "STEADY_PLAN",
    "build_guard_trigger",
    "build_statement_trigger",
    "note_settings",
    "render_referencing",
    "render_settings",
    "render_shape",
]

EVENT_BITS: Final = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
"""pg_trigger.tgtype of a statement-level AFTER trigger."""

GUARD_BITS: Final = 2 | EVENT_BITS["delete"] | EVENT_BITS["update"] | EVENT_BITS["truncate"]
"""pg_trigger.tgtype of a statement-level BEFORE trigger for all three."""

# Temporary objects come last, or anybody could put one in place of what the function means.
PRIVATE_RIGHTS: Final = "SECURITY DEFINER SET search_path TO {path} "

UNIFORM_TEXT: Final = {"datestyle": "ISO", "timezone": "UTC", "extra_float_digits": "1"}
"""What a function makes of a value does not depend on how the session likes to see it."""

STEADY_PLAN: Final = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
"""A plan is made with the rows of the statement that happens to come first, or comes first after
somebody looked at the tables' statistics, and is kept for the session. Whether that was one row or
ten thousand must not matter to the next statement: else each single row is planned anew, or its
plan compiled, after a statement over many."""

RIGHTS: Final = (
    "CASE WHEN NOT p.prosecdef THEN '' WHEN has_function_privilege('public', p.oid, 'EXECUTE')"
    " THEN 'open:' ELSE 'private:' END"
)
"""Whose rights a function has: anybody who may attach one to a table of theirs can feed it."""

SETTINGS: Final = (
    "coalesce((SELECT lower(string_agg(setting, ' ')) FROM unnest(p.proconfig) setting"
    " WHERE NOT starts_with(setting, 'search_path=')), '')"
)
"""What a function sets for itself, as :func:`note_settings` says it."""

TRANSITION_TABLES: Final = {
    "insert": ("new_rows",),
    "delete": ("old_rows",),
    "update": ("old_rows", "new_rows"),
    "truncate": (),
}

SHAPE: Final = (
    "concat_ws(' ', t.tgoldtable, t.tgnewtable, CASE WHEN t.tgqual IS NOT NULL THEN 'WHEN' END,"
    " (SELECT string_agg(a.attname, ' ' ORDER BY named.place)"
    " FROM unnest(t.tgattr::int2[]) WITH ORDINALITY named (number, place)"
    " JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = named.number))"
)
"""What a trigger sees and when it fires, as :func:`render_shape` says it."""

GUARD_BODY: Final = f"""
BEGIN
  IF {TOLD_MODE} IS DISTINCT FROM '{WriteMode.UNLOCKED}' THEN
    RAISE EXCEPTION 'The audit trail is append-only: % of % was refused.', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege',
        HINT = 'Old events are removed by audit_prune, values by erase(). '
          'A fixture leaves them out: dumpdata --exclude modernize_audit.';
  END IF;
  RETURN NULL;
END
"""


def render_referencing(rows: Iterable[str]) -> str:
    """Return the clause by which a trigger sees the rows of its statement.

    >>> render_referencing(["old_rows", "new_rows"])
    'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
    """
    tables = "".join(f"{name[:3].upper()} TABLE AS {name} " for name in rows)
    return f"REFERENCING {tables}" if tables else ""


def render_settings(settings: Mapping[str, str]) -> str:
    """Return the clauses by which a function sets something for itself.

    >>> render_settings({"jit": "off"})
    "SET jit TO 'off' "
    """
    return "".join(f"SET {name} TO '{value}' " for name, value in settings.items())


def note_settings(settings: Mapping[str, str]) -> str:
    """Return what the catalogue has to say of what a function sets for itself.

    >>> note_settings({"timezone": "UTC", "jit": "off"})
    'timezone=utc jit=off'
    """
    return " ".join(f"{name}={value}".lower() for name, value in settings.items())


def render_shape(
    rows: Iterable[str] = (), *, is_conditional: bool = False, columns: Iterable[str] = ()
) -> str:
    """Return what the catalogue has to say of a trigger beside its function.

    A trigger that somebody made anew around the right function can be blind, or fire never.

    Args:
        rows: The names of its transition tables.
        is_conditional: Whether it has a ``WHEN``, whose text the catalogue does not keep as given.
        columns: The columns whose updates alone fire it.
    """
    return " ".join([*rows, *(["WHEN"] if is_conditional else []), *columns])


def build_statement_trigger(
    connection: BaseDatabaseWrapper,
    *,
    table: str,
    event: str,
    body: str,
    purpose: str = "",
    private_path: str = "",
    is_uniform: bool = False,
) -> Trigger:
    """Return an AFTER trigger that runs once per statement, with the rows in transition tables.

    Args:
        connection: Quotes the names.
        table: The table to watch.
        event: ``insert``, ``update``, ``delete`` or ``truncate``.
        body: A PL/pgSQL block that reads ``old_rows`` and ``new_rows``.
        purpose: Tells apart the triggers of one table for one event; the event by default.
        private_path: The quoted schemas to search, for a function that runs with its owner's
            rights and may be used by nobody else; empty for one with the rights of who writes.
        is_uniform: Whether the texts of times and numbers must be the same in all sessions; those
            of a private function are.
    """
    when = f"AFTER {event.upper()}"
    return _build_trigger(
        connection,
        name=name_trigger(table, purpose or event, digest_name(table)),
        table=table,
        when=when,
        rows=TRANSITION_TABLES[event],
        body=body,
        bits=EVENT_BITS[event],
        private_path=private_path,
        is_uniform=is_uniform,
    )


def build_guard_trigger(connection: BaseDatabaseWrapper, *, table: str) -> Trigger:
    """Return a trigger that refuses to change, remove or truncate a table's rows."""
    return _build_trigger(
        connection,
        name=name_trigger(table, "guard", digest_name(table)),
        table=table,
        when="BEFORE UPDATE OR DELETE OR TRUNCATE",
        rows=(),
        body=GUARD_BODY,
        bits=GUARD_BITS,
    )


def _build_trigger(
    connection: BaseDatabaseWrapper,
    *,
    name: str,
    table: str,
    when: str,
    rows: Sequence[str],
    body: str,
    bits: int,
    private_path: str = "",
    is_uniform: bool = False,
) -> Trigger:
    quoted_name, quoted_table = connection.ops.quote_name(name), connection.ops.quote_name(table)
    rights = PRIVATE_RIGHTS.format(path=private_path) if private_path else ""
    settings = {
        **(UNIFORM_TEXT if private_path or is_uniform else {}),
        **(STEADY_PLAN if rows else {}),
    }
    function = (
        f"CREATE OR REPLACE FUNCTION {quoted_name}() RETURNS trigger LANGUAGE plpgsql {rights}"
        f"{render_settings(settings)}AS $modernize${body}$modernize$"
    )
    closing = (f"REVOKE EXECUTE ON FUNCTION {quoted_name}() FROM PUBLIC",) if private_path else ()
    trigger = (
        f"CREATE OR REPLACE TRIGGER {quoted_name} {when} ON {quoted_table} "
        f"{render_referencing(rows)}FOR EACH STATEMENT EXECUTE FUNCTION {quoted_name}()"
    )
    return Trigger(
        name=name,
        table=table,
        statements=(function, *closing, trigger),
        definition=f"{bits}:{render_shape(rows)}:{note_settings(settings)}:"
        f"{'private:' if private_path else ''}{body}",
    )


def read_columns(
    connection: BaseDatabaseWrapper, tables: Collection[str]
) -> list[tuple[str, str, str]]:
    """Return the columns of those of the tables that exist, in one query.

    Returns:
        Of each its table, its name, and the table's quoted name with its schema.
    """
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, c.relnamespace::regnamespace::text "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p') AND a.attnum > 0 "
            "AND NOT a.attisdropped AND pg_table_is_visible(c.oid)",
            [list(tables)],
        )
        return [
            (table, column, f"{schema}.{quote(table)}")
            for table, column, schema in cursor.fetchall()
        ]


def qualify_table(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return a table's quoted name with its schema, so that any ``search_path`` finds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relnamespace::regnamespace::text FROM pg_class "
            "WHERE relname = %s AND pg_table_is_visible(oid)",
            [table],
        )
        (schema,) = cursor.fetchone()
    return f"{schema}.{connection.ops.quote_name(table)}"


def find_sequence(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return the sequence that numbers a table's rows, with its schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, 'id')", [connection.ops.quote_name(table)]
        )
        return str(cursor.fetchone()[0])


def prepare(connection: BaseDatabaseWrapper) -> bool:
    """Make what all triggers need, and tell whether it was missing: nothing is needed."""
    return False


def read_installed(
    connection: BaseDatabaseWrapper, tables: Collection[str] | None = None
) -> list[InstalledTrigger]:
    """Return the managed triggers of some or of all tables, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.tgname, c.relname, t.tgtype, {SHAPE}, {SETTINGS}, {RIGHTS} || p.prosrc, "
            # D fires never, R on replicas only; and O nowhere while the session acts as a replica.
            "t.tgenabled = 'A' OR t.tgenabled = 'O' "
            "AND current_setting('session_replication_role') <> 'replica' FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgparentid = 0 "
            "AND EXISTS (SELECT 1 FROM unnest(%s::text[]) p WHERE starts_with(t.tgname, p)) "
            "AND pg_table_is_visible(c.oid) AND (%s OR c.relname = ANY(%s))",
            [list(MANAGED_PREFIXES), tables is None, list(tables or ())],
        )
        return [
            InstalledTrigger(
                name=name,
                table=table,
                definition=f"{kind}:{shape}:{settings}:{body}",
                enabled=enabled,
            )
            for name, table, kind, shape, settings, body, enabled in cursor.fetchall()
        ]


def drop_statements(
    connection: BaseDatabaseWrapper, triggers: Iterable[InstalledTrigger]
) -> list[str]:
    """Return the SQL that drops triggers together with their functions."""
    quote = connection.ops.quote_name
    return [
        statement
        for trigger in triggers
        for statement in (
            f"DROP TRIGGER IF EXISTS {quote(trigger.name)} ON {quote(trigger.table)}",
            f"DROP FUNCTION IF EXISTS {quote(trigger.name)}()",
        )
    ]
