"""What the functions of all audit triggers have in common on PostgreSQL."""

from collections.abc import Sequence
from typing import Final

from ...triggers.declarations import WriteMode
from ...triggers.postgresql import (
    CONTEXT_SEPARATOR,
    CONTEXT_SETTING,
    DETAILS_SETTING,
    MODE_SETTING,
)
from .tables import EventTables

__all__ = ["render_body"]

# The details of a context are a row of their own. It is written after the first event of the
# transaction that needs it, and from then on the setting holds its number in place of the details:
# a rollback to a savepoint takes both back.
BODY: Final = """
#variable_conflict use_variable
DECLARE
  carried text := current_setting('{context_setting}', true);
  details text := coalesce(current_setting('{details_setting}', true), '');
  is_recorded boolean := starts_with(details, '#');
  event_actor {actor_type} := nullif(split_part(carried, E'{separator}', 1), '')::{actor_type};
  event_source text := coalesce(nullif(split_part(carried, E'{separator}', 2), ''), 'database');
  event_context bigint := CASE
    WHEN is_recorded THEN substr(details, 2)::bigint
    WHEN details <> '' OR coalesce(carried, '') = '' THEN nextval('{sequence}')
  END;
  event_at timestamptz := clock_timestamp();
  event_transaction bigint := pg_current_xact_id()::text::bigint;
  has_events boolean := false;
  said text[];
BEGIN
  IF current_setting('{mode_setting}', true) = '{untracked}' THEN
    RETURN NULL;
  END IF;
{inserts}
  IF has_events AND event_context IS NOT NULL AND NOT is_recorded THEN
    said := string_to_array(details, E'{separator}', '');
    INSERT INTO {contexts} (id, actor_label, reason, request_id, ip_address, user_agent, salt)
    VALUES (event_context, CASE WHEN details = '' THEN session_user ELSE coalesce(said[2], '') END,
      coalesce(said[3], ''), said[4]::uuid, said[5]::inet,
      CASE WHEN details = '' THEN current_setting('application_name')
        ELSE coalesce(said[6], '') END,
      uuid_send(gen_random_uuid()));
    PERFORM set_config('{details_setting}', '#' || event_context, true);
  END IF;
  RETURN NULL;
END
"""

INSERT: Final = """
  INSERT INTO {events} (created_at, transaction_id, context_id, actor_id, source, object_type,
    object_id, action, changes, salt)
  SELECT event_at, event_transaction, event_context, event_actor, event_source, change.*,
    uuid_send(gen_random_uuid())
  FROM ({select}) AS change;
  has_events := has_events OR FOUND;
"""


def render_body(events: EventTables, selects: Sequence[str]) -> str:
    """Return the body of a trigger function.

    Args:
        events: Where events go.
        selects: Queries that give an event's type, key, action and changes.
    """
    return BODY.format(
        context_setting=CONTEXT_SETTING,
        details_setting=DETAILS_SETTING,
        mode_setting=MODE_SETTING,
        untracked=WriteMode.UNTRACKED,
        separator=CONTEXT_SEPARATOR,
        actor_type=events.actor_type,
        sequence=events.context_sequence,
        contexts=events.contexts,
        inserts="".join(INSERT.format(events=events.events, select=select) for select in selects),
    )
