"""The least that a trigger can be which leaves an event for each row, written by hand.

It knows one table and nothing else: an event has a number, a time, the actor, an action, the key
as the number that it is, and the whole row as JSON. Its table has its primary key and one index on
that key. The actor is told once for all, on PostgreSQL as a setting of the session, which a pooler
would hand over to the next client; on SQLite by a function, without which no other program could
write. Nothing is masked, compared, sealed or looked for by time, actor or transaction.

The same without values is what any event costs, however its values are written.
"""

from collections.abc import Iterator
from typing import Final

from django.contrib.auth import get_user_model
from django.db import connection

from .kinds import StayKind
from .models import BareHandStay, HandEvent, HandStay, StayFields

__all__ = ["list_hand_written"]

ACTIONS: Final = {"insert": "new", "update": "new", "delete": "old"}
"""What happens to the side of the row that is written down."""

COLUMNS: Final = '(at, actor, action, "object", "row")'

POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {events} {columns}
  SELECT clock_timestamp(), current_setting('benchmarks.actor')::bigint, '{action}', r.id, {row}
  FROM {side}_rows r;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER {name} AFTER {action} ON {table}
REFERENCING {side} TABLE AS {side}_rows FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""

SQLITE: Final = """
CREATE TRIGGER IF NOT EXISTS {name} AFTER {action} ON {table} BEGIN
  INSERT INTO {events} {columns}
  VALUES (strftime('%Y-%m-%d %H:%M:%f', 'now'), current_actor(), '{action}', {side}.id, {row});
END
"""


def list_hand_written() -> Iterator[StayKind]:
    """Yield the ways, their triggers made."""
    tell_actor()
    for name, model, has_values in (
        ("a trigger by hand", HandStay, True),
        ("a trigger by hand, without values", BareHandStay, False),
    ):
        make_triggers(model, has_values=has_values)
        yield StayKind(
            name=name,
            model=model,
            uses_library=False,
            event=HandEvent,
            event_tables=(HandEvent._meta.db_table,),
        )


def tell_actor() -> None:
    """Tell the triggers of this connection who acts."""
    actor, _ = get_user_model()._default_manager.get_or_create(username="benchmark")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('benchmarks.actor', %s, false)", [str(actor.pk)])
    else:
        connection.ensure_connection()
        connection.connection.create_function("current_actor", 0, lambda: actor.pk)


def make_triggers(model: type[StayFields], *, has_values: bool) -> None:
    """Make the three triggers of a table, where they are not there already."""
    table = model._meta.db_table
    template = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    with connection.cursor() as cursor:
        for action, side in ACTIONS.items():
            statement = template.format(
                name=f"{table}_{action}",
                table=table,
                events=HandEvent._meta.db_table,
                columns=COLUMNS,
                action=action,
                side=side,
                row=render_row(model, side) if has_values else "''",
            )
            cursor.execute(statement)


def render_row(model: type[StayFields], side: str) -> str:
    """Return SQL for a whole row as the text of JSON."""
    if connection.vendor == "postgresql":
        return "row_to_json(r)::text"
    columns = (field.column for field in model._meta.concrete_fields)
    members = ", ".join(f"'{column}', {side}.{column}" for column in columns)
    return f"json_object({members})"
