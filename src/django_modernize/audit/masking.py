"""Masks that events store instead of sensitive values."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = [
    "HASH_DIGITS",
    "HASH_KEY_TABLE",
    "HASH_PREFIX",
    "STARS",
    "HashSecret",
    "MaskKind",
    "find_secret",
    "is_masked_value",
    "list_secret_readers",
]

STARS: Final = "********"

HASH_PREFIX: Final = STARS
"""Marks a hash as a mask, so that it cannot be confused with a plain value."""

HASH_DIGITS: Final = 32
"""128 bits, which rule out accidental collisions and keep events short."""

HASH: Final = re.compile(rf"{re.escape(HASH_PREFIX)}[0-9a-f]{{{HASH_DIGITS}}}")

HASH_KEY_TABLE: Final = "modernize_audit_secret"
"""The table with the hash key on PostgreSQL. It has no model, so that no Python code reads it."""

LOCATE_KEY: Final = (
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), (SELECT"
    " string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s"
    " WHERE NOT starts_with(s, 'pg_temp')) || ', pg_temp'"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)"
)

LIST_READERS: Final = (
    "SELECT DISTINCT coalesce(r.rolname::text, 'PUBLIC') FROM pg_class c"
    " CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
    " WHERE c.oid = to_regclass(%s) AND a.grantee <> c.relowner AND a.privilege_type = 'SELECT'"
    " ORDER BY 1"
)


class MaskKind(StrEnum):
    """How a value is masked."""

    STARS = "stars"
    """The event records only that the value changed."""

    HASH = "hash"
    """The event also shows whether two values of the same field and object were equal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HashSecret:
    """The location of the hash key in a database."""

    table: str
    """Quoted, with its schema."""

    search_path: str
    """The quoted schemas in which a trigger looks up types and functions."""


def is_masked_value(value: Any) -> bool:
    """Return whether a value in an event is a mask."""
    if not isinstance(value, str):
        return False
    return value == STARS or HASH.fullmatch(value) is not None


def find_secret(connection: BaseDatabaseWrapper) -> HashSecret | None:
    """Return the location of the hash key, or ``None`` if the database has none.

    SQLite has no SHA-256 function, and a trigger that called one defined by Django would make the
    writes of all other programs fail.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(LOCATE_KEY, [HASH_KEY_TABLE])
        row = cursor.fetchone()
    return HashSecret(table=row[0], search_path=row[1]) if row else None


def list_secret_readers(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the roles, other than the owner, that may read the hash key."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(LIST_READERS, [HASH_KEY_TABLE])
        return [str(role) for (role,) in cursor.fetchall()]
