"""The common body of all audit trigger functions on PostgreSQL."""

from collections.abc import Sequence
from typing import Final

from ...triggers.declarations import WriteMode
from ...triggers.postgresql_delivery import CONTEXT_SETTING
from ..masking import HashSecret
from .tables import EventTables

__all__ = ["render_body"]

# The details of a context are a separate row. It is written after the first event of the
# transaction that needs it, and from then on the setting has its id instead of the details. A
# rollback to a savepoint reverts both. An assignment costs less than a PERFORM.
BODY: Final = """
#variable_conflict use_variable
DECLARE
  said text[] := string_to_array(current_setting('{context_setting}', true), E'\\x1f', '');
  event_actor {actor_type} := said[2]::{actor_type};
  event_source text := coalesce(said[3], 'database');
  event_context bigint := said[4]::bigint;
  event_at timestamptz := clock_timestamp();
  event_transaction bigint := pg_current_xact_id()::text::bigint;
  is_new boolean := event_context IS NULL AND (said[3] IS NULL OR cardinality(said) > 4);
  has_events boolean := false;{secret}
BEGIN
  IF said[1] = '{untracked}' THEN
    RETURN NULL;
  END IF;
  IF is_new THEN
    event_context := nextval('{sequence}');
  END IF;
{inserts}
  IF is_new AND has_events THEN
    INSERT INTO {contexts} (id, actor_label, reason, request_id, ip_address, user_agent, salt)
    VALUES (event_context, CASE WHEN said[3] IS NULL THEN session_user
        ELSE coalesce(said[5], '') END,
      coalesce(said[6], ''), said[7]::uuid, said[8]::inet,
      CASE WHEN said[3] IS NULL THEN current_setting('application_name')
        ELSE coalesce(said[9], '') END,
      uuid_send(gen_random_uuid()));
    said[4] := event_context;
    said[1] := set_config('{context_setting}', array_to_string(said[1:4], E'\\x1f', ''), true);
  END IF;
  RETURN NULL;
END
"""

# Without the hash key the write fails, so that a value is not recorded as missing.
KEY_DECLARATION: Final = """
  event_secret bytea NOT NULL := (SELECT secret FROM {table});"""

INSERT: Final = """
  INSERT INTO {events} (created_at, transaction_id, context_id, actor_id, source, object_type,
    object_id, action, changes)
  SELECT event_at, event_transaction, event_context, event_actor, event_source, change.*
  FROM ({select}) AS change;
  has_events := has_events OR FOUND;
"""


def render_body(events: EventTables, selects: Sequence[str], secret: HashSecret | None) -> str:
    """Return the body of a trigger function.

    Args:
        events: Where events go.
        selects: Queries that give an event's type, key, action and changes.
        secret: Where the key is that they need as ``event_secret``, if they hash.
    """
    return BODY.format(
        context_setting=CONTEXT_SETTING,
        untracked=WriteMode.UNTRACKED,
        actor_type=events.actor_type,
        sequence=events.context_sequence,
        contexts=events.contexts,
        secret=KEY_DECLARATION.format(table=secret.table) if secret else "",
        inserts="".join(INSERT.format(events=events.events, select=select) for select in selects),
    )
