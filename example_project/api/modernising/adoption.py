"""Takes over a database of the legacy system."""

from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

__all__ = ["FIRST", "AdoptionRefused", "adopt_database"]

FIRST: Final = ("api", "0001_legacy")

KEYS_TO_USERS: Final = """
    SELECT conrelid::regclass::text, attname
    FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE contype = 'f' AND confrelid = 'auth_user'::regclass AND atttypid = 'int4'::regtype
"""


class AdoptionRefused(Exception):
    """The database is not one of the legacy system, or has been adopted already."""


def adopt_database(using: str) -> None:
    """Record the first migration as applied, in one transaction.

    Args:
        using: The database.

    Raises:
        AdoptionRefused: A table or column is missing, or later migrations are applied.
    """
    connection = connections[using]
    recorder = MigrationRecorder(connection)
    if FIRST in recorder.applied_migrations():
        raise AdoptionRefused("The database is adopted already.")
    lacking = list_lacking(connection)
    if lacking:
        raise AdoptionRefused(
            f"The database lacks {', '.join(lacking)}: it is none of the legacy system's. "
            "Was DATABASE_URL set to the right one?"
        )
    with transaction.atomic(using=using):
        if connection.vendor == "postgresql":
            _widen_keys(connection)
        # The legacy system's own migrations are useless to this code.
        recorder.migration_qs.filter(app=FIRST[0]).delete()
        recorder.record_applied(*FIRST)


def list_lacking(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables and columns of the first migration that a database lacks."""
    state = MigrationLoader(None).project_state(FIRST)
    lacking = []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in state.apps.get_app_config(FIRST[0]).get_models(include_auto_created=True):
            table = model._meta.db_table
            if table not in tables:
                lacking.append(table)
                continue
            described = connection.introspection.get_table_description(cursor, table)
            known = {column.name for column in described}
            wanted = [str(field.column) for field in model._meta.local_concrete_fields]
            lacking += [f"{table}.{column}" for column in wanted if column not in known]
    return lacking


def _widen_keys(connection: Any) -> None:
    """Give users 8-byte primary keys, like all other tables."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(KEYS_TO_USERS)
        columns = [("auth_user", "id"), *cursor.fetchall()]
        for table, column in columns:
            # PostgreSQL has quoted the table's name if necessary.
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {quote(column)} TYPE bigint")
        cursor.execute("SELECT pg_get_serial_sequence('auth_user', 'id')")
        (sequence,) = cursor.fetchone()
        if sequence:
            cursor.execute(f"ALTER SEQUENCE {sequence} AS bigint")
