"""Reads events and contexts for hashing: as text that depends on nothing but what is stored."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from .digests import ANY_BYTES, EventRow, digest_context, digest_events

__all__ = ["PAGE_SIZE", "EventPage", "read_pages"]

PAGE_SIZE: Final = 8_192

CREATED_AT: Final = {
    # Whole microseconds since 1970, whatever the session's time zone is.
    "postgresql": "(extract(epoch FROM created_at) * 1000000)::bigint",
    "sqlite": "created_at",
}

HEADER: Final = (
    "coalesce({created_at}, 0) || ',' || coalesce(transaction_id, 0) || ','"
    " || coalesce(CAST(actor_id AS text), '') || ',' || length(object_type) || ':' || object_type"
    " || length(object_id) || ':' || object_id || action || ',' || source"
)

AS_STORED: Final = {
    "postgresql": "{0}",
    # What another program stored as text need not be UTF-8, and reading it would fail. Bytes need
    # not be bytes.
    "sqlite": "CAST({0} AS blob)",
}

EVENTS: Final = (
    "SELECT id, {header}, context_id, {changes}, {salt} FROM modernize_audit_event"
    " WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
)

CONTEXTS: Final = (
    "SELECT id, actor_label, reason, coalesce(CAST(request_id AS text), ''),"
    " coalesce(CAST(ip_address AS text), ''), user_agent, salt FROM modernize_audit_context"
    " WHERE id IN (SELECT context_id FROM modernize_audit_event WHERE id > %s AND id <= %s)"
)


class EventPage(NamedTuple):
    """Some events, one after the other."""

    events: list[EventRow]
    contexts: dict[int, bytes]
    """The digests of their circumstances, by number."""

    leaves: list[bytes]
    """The digest of each event."""

    @property
    def numbers(self) -> list[int]:
        """The number of each event."""
        return [event.id for event in self.events]


def read_pages(connection: BaseDatabaseWrapper, after: int, until: int) -> Iterator[EventPage]:
    """Yield the events of a range of numbers, in their order.

    Costs two queries for each 8,192 events, and the memory of so many.
    """
    header = HEADER.format(created_at=CREATED_AT[connection.vendor])
    stored = AS_STORED[connection.vendor]
    statement = EVENTS.format(
        header=stored.format(header), changes=stored.format("changes"), salt=stored.format("salt")
    )
    while after < until:
        with connection.cursor() as cursor:
            cursor.execute(statement, [after, until, PAGE_SIZE])
            rows = cursor.fetchall()
        if not rows:
            return
        events = [
            EventRow(number, _decode(header), context, _decode(changes), bytes(salt or b""))
            for number, header, context, changes, salt in rows
        ]
        contexts = _read_contexts(connection, after, events[-1].id)
        yield EventPage(events, contexts, digest_events(events, contexts))
        after = events[-1].id


def _decode(text: str | bytes) -> str:
    return text.decode(errors=ANY_BYTES) if isinstance(text, bytes) else text


def _read_contexts(connection: BaseDatabaseWrapper, after: int, until: int) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(CONTEXTS, [after, until])
        return {
            number: digest_context(number, values, bytes(salt or b""))
            for number, *values, salt in cursor.fetchall()
        }
