"""Reads events and contexts for hashing: as text that depends on nothing but what is stored."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from ..changes import ANY_BYTES
from .batches import digest_contexts
from .digests import StoredEvent

__all__ = ["PAGE_SIZE", "EventPage", "read_pages"]

PAGE_SIZE: Final = 8_192

CREATED_AT: Final = {
    # Whole microseconds since 1970, whatever the session's time zone is. No bigint, into which not
    # all go that somebody may write there.
    "postgresql": "trunc(extract(epoch FROM created_at) * 1000000)",
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

CONTEXT_COLUMNS: Final = (
    "actor_label",
    "reason",
    "coalesce(CAST(request_id AS text), '')",
    "coalesce(CAST(ip_address AS text), '')",
    "user_agent",
    "salt",
)

CONTEXTS: Final = "SELECT id, {columns} FROM modernize_audit_context WHERE {condition}"

IN_A_ROW: Final = "id BETWEEN %s AND %s"
"""Numbers that follow one another are read together, which takes half as long."""

CHOSEN: Final = {
    # One look-up each, and no second passage over the events.
    "postgresql": "id = ANY(%s)",
    "sqlite": "id IN (SELECT value FROM json_each(%s))",
}


class EventPage(NamedTuple):
    """Some events, one after the other."""

    events: Sequence[StoredEvent]
    numbers: list[int]
    """The number of each event."""

    contexts: dict[int, bytes]
    """The digests of their circumstances, by number."""


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
            events: list[Any] = cursor.fetchall()
        if not events:
            return
        if connection.vendor == "sqlite":
            events = _decode_texts(events)
        contexts = _read_contexts(connection, {event[2] for event in events} - {None})
        yield EventPage(events, [event[0] for event in events], contexts)
        after = events[-1][0]


def _decode_texts(events: Iterable[Any]) -> list[Any]:
    return [
        (number, _decode(header), context, _decode(changes), salt)
        for number, header, context, changes, salt in events
    ]


def _decode(text: str | bytes) -> str:
    return text.decode(errors=ANY_BYTES) if isinstance(text, bytes) else text


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
    stored = AS_STORED[connection.vendor]
    columns = ", ".join(stored.format(column) for column in CONTEXT_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(CONTEXTS.format(columns=columns, condition=condition), chosen)
        rows: list[Any] = cursor.fetchall()
    if connection.vendor == "sqlite":
        rows = [(number, *map(_decode, values), salt) for number, *values, salt in rows]
    return digest_contexts(rows)
