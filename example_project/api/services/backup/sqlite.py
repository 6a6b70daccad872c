"""Copies a SQLite database while it is in use, and replaces a database with a copy."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from .archive import ArchiveWriter, BackupError
from .facts import list_tables, read_facts

__all__ = ["PART", "load_database", "write_database"]

PART: Final = "database.sqlite3"


def write_database(
    connection: BaseDatabaseWrapper, writer: ArchiveWriter, folder: Path
) -> dict[str, Any]:
    """Write a copy, and return its content.

    Args:
        connection: To the database, which others may go on writing to.
        writer: Of the archive.
        folder: For the copy, which needs as much room as the database.

    Raises:
        BackupError: The database cannot be copied.
    """
    tables = list_tables(connection)
    copied = folder / PART
    try:
        with (
            closing(sqlite3.connect(_find_file(connection))) as source,
            closing(sqlite3.connect(copied)) as copy,
        ):
            source.backup(copy)
            _check_sound(copy)

            def read(statement: str) -> Sequence[Sequence[Any]]:
                return copy.execute(statement).fetchall()

            facts = read_facts(tables, read)
        with copied.open("rb") as file:
            writer.add_part(PART, file, is_compressed=False)
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied: {error}.") from error
    copied.unlink()
    return facts


def load_database(connection: BaseDatabaseWrapper, dump: Path, *, replaces: bool) -> None:
    """Replace the database with a copy, in one SQLite transaction.

    Args:
        connection: To the database; it is closed.
        dump: The copy.
        replaces: Whether what is in the database goes; it does, by the way SQLite copies.

    Raises:
        BackupError: The copy is no sound database, or somebody else holds the database.
    """
    connection.close()
    try:
        with (
            closing(sqlite3.connect(dump)) as source,
            closing(sqlite3.connect(_find_file(connection))) as target,
        ):
            _check_sound(source)
            source.backup(target)
    except sqlite3.Error as error:
        raise BackupError(f"The database is as it was: {error}.") from error


def _check_sound(opened: sqlite3.Connection) -> None:
    (outcome,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    if outcome != "ok":
        raise BackupError(f"SQLite finds the database damaged: {outcome}.")


def _find_file(connection: BaseDatabaseWrapper) -> str:
    return str(connection.settings_dict["NAME"])
