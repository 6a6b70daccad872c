"""Determine what an SQL statement does from its text, as far as that is safe."""

import re
from enum import Enum, auto
from typing import Any

__all__ = [
    "StatementKind",
    "changes_one_row",
    "classify_statement",
    "drops_column_alone",
    "find_altered_tables",
    "find_written_table",
    "is_flush",
    "is_table_drop",
    "replaces_rows",
]


class StatementKind(Enum):
    """How the library has to handle a statement."""

    READ = auto()
    """Changes no row, so there is nothing to do."""

    WRITE = auto()
    """May change rows, so it needs the context. Includes everything not known to be harmless."""

    SCHEMA = auto()
    """Changes a table, so its triggers may be missing or outdated afterwards."""

    BEGIN = auto()
    """Opens a transaction."""

    ROLLBACK = auto()
    """Undoes what was passed to the database since a savepoint."""


_LEADING_NOISE = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/|\()*", re.DOTALL)
_FIRST_WORD = re.compile(r"[A-Za-z]+")
_WRITE_IN_QUERY = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|REPLACE\s+INTO)\b", re.IGNORECASE)
_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\s(),"]+)'
_TABLE_CHANGE = re.compile(
    r"(?:CREATE\s+(?:UNLOGGED\s+)?TABLE(?:\s+IF\s+NOT\s+EXISTS)?"
    r"|(?:ALTER|DROP)\s+TABLE(?:\s+IF\s+EXISTS)?"
    rf"(?:\s+ONLY)?)\s+(?P<table>{_IDENTIFIER})"
    rf"(?:\s+RENAME\s+TO\s+(?P<renamed>{_IDENTIFIER})"
    rf"|\s+PARTITION\s+OF\s+(?P<whole>{_IDENTIFIER})"
    rf"|.*\)\s*INHERITS\s*\(\s*(?P<ancestor>{_IDENTIFIER}))?",
    re.IGNORECASE | re.DOTALL,
)

_COLUMN_DROP = re.compile(r"\bDROP\s+COLUMN\b", re.IGNORECASE)

# The ORM ends no statement with a semicolon, and Django's ``flush`` each of them.
_FLUSH = re.compile(r'(?:TRUNCATE |DELETE FROM )"[^;]*;\Z')

_REPLACEMENT = re.compile(
    r"(?:(?:INSERT|UPDATE)\s+OR\s+)?REPLACE\b|WITH\b.*\b(?:OR\s+REPLACE|REPLACE\s+INTO)\b",
    re.IGNORECASE | re.DOTALL,
)

_PLAIN_WRITE = re.compile(
    r'(?:INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) "(?P<table>[^"]+)" '
)

HARMLESS_WORDS = frozenset(
    {"ANALYZE", "CLOSE", "CLUSTER", "COMMENT", "COMMIT", "DECLARE", "DISCARD", "END"}
    | {"EXPLAIN", "FETCH", "GRANT", "LISTEN", "LOCK", "MOVE", "NOTIFY", "PRAGMA", "REINDEX"}
    | {"RELEASE", "RESET", "REVOKE", "SAVEPOINT", "SELECT", "SET", "SHOW", "TABLE", "UNLISTEN"}
    | {"VACUUM", "VALUES"}
)

# What the ORM sends begins like this: most statements need no closer look.
_USUAL_KINDS = {
    "SELECT": StatementKind.READ,
    **dict.fromkeys(("INSERT", "UPDATE", "DELETE"), StatementKind.WRITE),
}

_KINDS = {
    **dict.fromkeys(HARMLESS_WORDS, StatementKind.READ),
    "ALTER": StatementKind.SCHEMA,
    "BEGIN": StatementKind.BEGIN,
    "CREATE": StatementKind.SCHEMA,
    "DROP": StatementKind.SCHEMA,
    "ROLLBACK": StatementKind.ROLLBACK,
    "START": StatementKind.BEGIN,
}


def classify_statement(sql: Any) -> StatementKind:
    """Return the kind of a statement, which is text or an object of the driver."""
    if not isinstance(sql, str):
        return StatementKind.WRITE
    kind = _USUAL_KINDS.get(sql[:6]) or _classify_word(sql)
    # PostgreSQL accepts several statements at once.
    if kind is StatementKind.READ and ";" in sql and _WRITE_IN_QUERY.search(sql):
        return StatementKind.WRITE
    return kind


def _classify_word(sql: str) -> StatementKind:
    word = _FIRST_WORD.match(sql, _skip_noise(sql))
    keyword = word.group().upper() if word else ""
    # EXPLAIN ANALYZE executes the statement.
    if keyword in ("WITH", "EXPLAIN"):
        return StatementKind.WRITE if _WRITE_IN_QUERY.search(sql) else StatementKind.READ
    return _KINDS.get(keyword, StatementKind.WRITE)


def find_altered_tables(sql: str) -> set[str]:
    """Return the tables that a schema statement creates, changes or gives a name to."""
    match = _TABLE_CHANGE.match(sql, _skip_noise(sql))
    if match is None:
        return set()
    return {_bare_name(name) for name in match.groupdict().values() if name}


def is_table_drop(sql: str) -> bool:
    """Return whether a schema statement drops a table."""
    return sql[_skip_noise(sql) :][:4].upper() == "DROP"


def drops_column_alone(sql: str) -> bool:
    """Return whether a statement drops a column, and nothing that depends on it."""
    return _COLUMN_DROP.search(sql) is not None and not sql.rstrip("; ").endswith("CASCADE")


def is_flush(sql: Any) -> bool:
    """Return whether a statement is one that Django's ``flush`` empties a table with."""
    return (
        isinstance(sql, str) and sql.startswith(("TRUNCATE", "DELETE")) and bool(_FLUSH.match(sql))
    )


def replaces_rows(sql: Any) -> bool:
    """Return whether a statement of SQLite's removes the rows that are in its way."""
    return isinstance(sql, str) and bool(_REPLACEMENT.match(sql, _skip_noise(sql)))


def find_written_table(sql: Any) -> str | None:
    """Return the table that a statement as the ORM writes it changes, ``None`` for any other."""
    match = _PLAIN_WRITE.match(sql) if isinstance(sql, str) else None
    return match["table"] if match else None


def changes_one_row(sql: str, table: str, key: str | None) -> bool:
    """Return whether a statement as the ORM writes it is sure to change one row at most.

    Args:
        sql: One that :func:`find_written_table` knows the table of.
        table: That table.
        key: Its primary key, if that is one column.
    """
    if sql.startswith("INSERT"):
        # One parenthesis for the columns and one for the values: counted sooner than searched for.
        return sql.count("(") == 2 and " VALUES (" in sql
    condition = f' WHERE "{table}"."{key}" '
    return sql.endswith((f"{condition}= %s", f"{condition}IN (%s)"))


def _skip_noise(sql: str) -> int:
    match = _LEADING_NOISE.match(sql)
    return match.end() if match else 0


def _bare_name(identifier: str) -> str:
    """Return a table's name without its quotes and its schema."""
    name = identifier if identifier.startswith('"') else identifier.rsplit(".", 1)[-1]
    return name.strip('";').replace('""', '"')
