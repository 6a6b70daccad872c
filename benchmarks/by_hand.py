"""The SQL that somebody who knows the schema would write to hide rows, and to bring them back.

It writes the very rows that the library writes, with the same marks and in one transaction, and no
others: in these families no key is replaced, so nothing has a journal to write. It asks nothing:
neither whether somebody protects a row, nor whether a parent lives, and on PostgreSQL it does not
wait for children that are being inserted. So it is the least that can be compared with.
"""

from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from django_modernize.context import get_context

__all__ = ["TABLES", "mark_family", "mark_rows", "remove_old_rows", "unmark_family"]

CHILD_TABLES: Final = ("benchmarks_softtask", "benchmarks_softnote", "benchmarks_softphoto")
TABLES: Final = ("benchmarks_softhouse", *CHILD_TABLES)


def mark_family(parent: Any) -> None:
    """Mark a parent and its children."""
    with transaction.atomic(), connection.cursor() as cursor:
        values = read_marks()
        mark_table(cursor, "benchmarks_softhouse", "id = %s", [*values, parent.pk])
        for table in CHILD_TABLES:
            mark_table(cursor, table, "house_id = %s", [*values, parent.pk])


def mark_rows(model: Any) -> None:
    """Mark all rows of a table."""
    with connection.cursor() as cursor:
        mark_table(cursor, model._meta.db_table, "1 = 1", read_marks())


def unmark_family(parent: Any) -> None:
    """Take the marks of one deletion off."""
    deletion = parent._meta.get_field("deletion_id").get_db_prep_value(
        parent.deletion_id, connection
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"UPDATE {table} SET deleted_at = NULL, deleted_by_id = NULL, "
                "deletion_reason = '', deletion_id = NULL WHERE deletion_id = %s",
                [deletion],
            )


def remove_old_rows(before: Any) -> None:
    """Remove what was deleted before a moment, children first, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in reversed(TABLES):
            cursor.execute(f"DELETE FROM {table} WHERE deleted_at < %s", [before])


def read_marks() -> list[Any]:
    context = get_context()
    return [timezone.now(), context.actor_id, context.reason, uuid4().hex]


def mark_table(cursor: Any, table: str, condition: str, values: list[Any]) -> None:
    cursor.execute(
        f"UPDATE {table} SET deleted_at = %s, deleted_by_id = %s, deletion_reason = %s, "
        f"deletion_id = %s WHERE {condition} AND deleted_at IS NULL",
        values,
    )
