"""Read events and contexts for hashing, as text that depends only on what is stored."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from ..changes import ANY_BYTES
from .batches import digest_contexts
from .digests import StoredEvent

__all__ = ["PAGE_SIZE", "EventPage", "read_pages"]

PAGE_SIZE: Final = 8_192

EXACT_MICROSECONDS: Final = "trunc(extract(epoch FROM created_at) * 1000000)"
"""Whole microseconds since 1970, whatever the session's time zone is. No bigint, into which not all
go that somebody may write there."""

CREATED_AT: Final = {
    # A float tells microseconds apart until 2100 and is had in a third of the time.
    "postgresql": "CASE WHEN created_at BETWEEN '1970-01-01 00:00+00' AND '2100-01-01 00:00+00'"
    " THEN CAST(CAST(date_part('epoch', created_at) * 1000000 AS bigint) AS text)"
    f" ELSE coalesce(CAST({EXACT_MICROSECONDS} AS text), '0') END",
    "sqlite": "coalesce(created_at, 0)",
}

HEADER: Final = (
    "{created_at} || ',' || coalesce(transaction_id, 0) || ','"
    " || coalesce(CAST(actor_id AS text), '') || ',' || length(object_type) || ':' || object_type"
    " || length(object_id) || ':' || object_id || action || ',' || source"
)

AS_BYTES: Final = "CAST({0} AS blob)"

AS_TEXT: Final = {
    "postgresql": "{0}",
    # Text need not be text where another program writes.
    "sqlite": "{0} || ''",
}

EVENTS: Final = (
    "SELECT id, {0}, context_id, {1}, {salt} FROM modernize_audit_event"
    " WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
)

CONTEXT_TEXTS: Final = (
    "actor_label",
    "reason",
    "coalesce(CAST(request_id AS text), '')",
    "coalesce(CAST(ip_address AS text), '')",
    "user_agent",
)

CONTEXTS: Final = "SELECT id, {0}, {1}, {2}, {3}, {4}, {salt} FROM modernize_audit_context WHERE "

IN_A_ROW: Final = "id BETWEEN %s AND %s"
"""Numbers that follow one another are read together, which takes half as long."""

CHOSEN: Final = {
    # One look-up each, and no second passage over the events.
    "postgresql": "id = ANY(%s)",
    "sqlite": "id IN (SELECT value FROM json_each(%s))",
}


class EventPage(NamedTuple):
    """A page of consecutive events."""

    events: Sequence[StoredEvent]
    numbers: list[int]
    """The id of each event."""

    contexts: dict[int, bytes]
    """The digests of their circumstances, by number."""


def read_pages(connection: BaseDatabaseWrapper, after: int, until: int) -> Iterator[EventPage]:
    """Yield the events of a range of numbers, in their order.

    Costs two queries for each 8,192 events, and the memory of so many.
    """
    header = HEADER.format(created_at=CREATED_AT[connection.vendor])
    while after < until:
        events = _read_rows(connection, EVENTS, [header, "changes"], [after, until, PAGE_SIZE])
        if not events:
            return
        contexts = _read_contexts(connection, {event[2] for event in events} - {None})
        yield EventPage(events, [event[0] for event in events], contexts)
        after = events[-1][0]


def _read_contexts(connection: BaseDatabaseWrapper, numbers: set[int]) -> dict[int, bytes]:
    if not numbers:
        return {}
    chosen: list[Any]
    first, last = min(numbers), max(numbers)
    if last - first < 2 * len(numbers):
        condition, chosen = IN_A_ROW, [first, last]
    else:
        condition = CHOSEN[connection.vendor]
        wanted = sorted(numbers)
        chosen = [str(wanted) if connection.vendor == "sqlite" else wanted]
    return digest_contexts(_read_rows(connection, CONTEXTS + condition, CONTEXT_TEXTS, chosen))


def _read_rows(
    connection: BaseDatabaseWrapper, statement: str, texts: Sequence[str], values: Sequence[Any]
) -> list[Any]:
    """Return the rows of a query, even if their texts are not valid UTF-8.

    Args:
        connection: The database.
        statement: The query, with a place for each text and one for the salt.
        texts: SQL for the texts.
        values: What the query is given.
    """
    is_sqlite = connection.vendor == "sqlite"
    as_text = [AS_TEXT[connection.vendor].format(text) for text in texts]
    salt = AS_BYTES.format("salt") if is_sqlite else "salt"
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement.format(*as_text, salt=salt), values)
            return list(cursor.fetchall())
        except OperationalError:
            if not is_sqlite:
                raise
        # The driver fails on text that is no UTF-8, and to decode each in Python takes long.
        as_bytes = [AS_BYTES.format(text) for text in texts]
        cursor.execute(statement.format(*as_bytes, salt=salt), values)
        return [(*map(_decode, row), own_salt) for *row, own_salt in cursor.fetchall()]


def _decode(value: Any) -> Any:
    return value.decode(errors=ANY_BYTES) if isinstance(value, bytes) else value
