"""Stores notifications in one statement: as new rows, or counted into unread ones."""

import json
from collections.abc import Sequence
from typing import Final

from django.db import connections
from django.utils import timezone

from .notices import Notice

__all__ = ["store_notices"]

GIVEN: Final = (
    "recipient_id",
    "actor_id",
    "task_id",
    "property_id",
    "verb",
    "matter",
    "changes",
    "count",
)

INSERT: Final = (
    f"INSERT INTO api_notification ({', '.join(GIVEN)}, created_at, changed_at, deletion_reason) "
    "SELECT "
)

GROW: Final = (
    "DO UPDATE SET count = api_notification.count + excluded.count, changes = excluded.changes, "
    "actor_id = excluded.actor_id, changed_at = excluded.changed_at"
)

STORE: Final = {
    "postgresql": (
        INSERT + ", ".join(GIVEN) + ", %s, %s, '' FROM json_to_recordset(%s) AS given ("
        "recipient_id bigint, actor_id bigint, task_id bigint, property_id bigint, "
        "verb text, matter text, changes jsonb, count integer) "
        # In the order in which they are marked as read.
        "ORDER BY recipient_id, matter, verb "
        "ON CONFLICT (recipient_id, matter, verb) WHERE deleted_at IS NULL AND read_at IS NULL "
        + GROW
    ),
    # "WHERE true" tells SQLite that ON begins no join. No other key can conflict.
    "sqlite": (
        INSERT
        + ", ".join(f"json_extract(value, '$.{name}')" for name in GIVEN)
        + ", %s, %s, '' FROM json_each(%s) WHERE true ON CONFLICT "
        + GROW
    ),
}


def store_notices(notices: Sequence[Notice], using: str) -> None:
    """Store notifications; an unread one about the same matter is updated instead.

    Args:
        notices: One per person, matter and verb.
        using: The alias of the database.

    Costs one query, however many they are.
    """
    connection = connections[using]
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = json.dumps([one.to_row() for one in notices])
    with connection.cursor() as cursor:
        cursor.execute(STORE[connection.vendor], [now, now, rows])
