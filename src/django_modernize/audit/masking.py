"""What an event shows in place of a value that must not be stored."""

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
"""A hash shows that it is a mask, and no clear value looks like that."""

HASH_DIGITS: Final = 32
"""128 bits: nobody finds two values with the same hash by chance, and an event stays short."""

HASH: Final = re.compile(rf"{re.escape(HASH_PREFIX)}[0-9a-f]{{{HASH_DIGITS}}}")

HASH_KEY_TABLE: Final = "modernize_audit_secret"
"""Holds the key of the hashes on PostgreSQL. No model, so that nothing in Python reads it."""

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
    """The event says that it changed, and no more."""

    HASH = "hash"
    """The event also tells whether two values of one object's field were the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HashSecret:
    """Where a database keeps the key of the hashes."""

    table: str
    """Quoted, with its schema."""

    search_path: str
    """The schemas in which a trigger looks for types and functions, quoted."""


def is_masked_value(value: Any) -> bool:
    """Return whether an event holds a mask in place of a value."""
    if not isinstance(value, str):
        return False
    return value == STARS or HASH.fullmatch(value) is not None


def find_secret(connection: BaseDatabaseWrapper) -> HashSecret | None:
    """Return where the key of the hashes is, ``None`` where the database has none.

    SQLite has no SHA-256 in SQL, and a trigger that called one of Django's would make every other
    program's write fail.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(LOCATE_KEY, [HASH_KEY_TABLE])
        row = cursor.fetchone()
    return HashSecret(table=row[0], search_path=row[1]) if row else None


def list_secret_readers(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the roles besides its owner that were given the key of the hashes to read."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(LIST_READERS, [HASH_KEY_TABLE])
        return [str(role) for (role,) in cursor.fetchall()]
