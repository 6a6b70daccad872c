"""Names and literals for generated SQL."""

from hashlib import sha256

__all__ = ["digest_name", "quote_literal"]


def digest_name(name: str) -> str:
    """Return eight hexadecimal digits that stand for a name that is too long."""
    return sha256(name.encode()).hexdigest()[:8]


def quote_literal(text: str) -> str:
    """Return text as an SQL string literal.

    Valid where backslashes are ordinary characters: SQLite, and PostgreSQL with its default
    ``standard_conforming_strings``.

    >>> quote_literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
