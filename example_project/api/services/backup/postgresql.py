"""Dumps a PostgreSQL database with PostgreSQL's own programs, and restores the dump."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .archive import ArchiveWriter, BackupError
from .facts import list_tables, read_facts, read_rows

__all__ = ["PART", "load_database", "write_database"]

PART: Final = "database.dump"

# Where Debian and Fedora install them, with each version in a folder of its own.
PLACES: Final = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
VARIABLES: Final = {
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    **{
        name: f"PG{name.upper()}"
        for name in (
            "host",
            "passfile",
            "password",
            "port",
            "service",
            "sslcert",
            "sslkey",
            "sslmode",
            "sslrootcert",
        )
    },
}
# Owners and privileges belong to the server where it is restored.
PORTABLE: Final = ("--no-owner", "--no-privileges", "--no-comments")
CLEAR_SCHEMA: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


def write_database(
    connection: BaseDatabaseWrapper, writer: ArchiveWriter, folder: Path
) -> dict[str, Any]:
    """Write a dump, and return its content; both use the same snapshot of the database.

    Args:
        connection: To the database.
        writer: Of the archive.
        folder: For temporary files; none is needed.

    Raises:
        BackupError: ``pg_dump`` is missing, or failed.
    """
    program = find_program("pg_dump")
    with _hold_snapshot(connection) as snapshot, tempfile.TemporaryFile() as complaints:
        facts = read_facts(list_tables(connection), read_rows(connection))
        command = [program, "--format=custom", *PORTABLE, f"--snapshot={snapshot}"]
        with subprocess.Popen(  # noqa: S603 - the program found above, and no word from outside
            command, stdout=subprocess.PIPE, stderr=complaints, env=_name_environment(connection)
        ) as dump:
            try:
                writer.add_part(PART, cast("IO[bytes]", dump.stdout))
            except BaseException:
                dump.kill()
                raise
        if dump.returncode:
            complaints.seek(0)
            raise BackupError(f"pg_dump failed: {complaints.read().decode(errors='replace')}")
    return facts


def load_database(connection: BaseDatabaseWrapper, dump: Path, *, replaces: bool) -> None:
    """Restore a dump in one transaction: either all of it, or nothing changes.

    Args:
        connection: To the database; it is closed.
        dump: The file.
        replaces: Whether what is in the database goes.

    Raises:
        BackupError: A program is missing, or failed.
    """
    environment = _name_environment(connection)
    connection.close()
    # Render the whole script first: half a script, run to its end, would leave half a database.
    script = dump.with_suffix(".sql")
    _run("pg_restore", *PORTABLE, f"--file={script}", str(dump), environment=environment)
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    if replaces:
        words.append(f"--command={CLEAR_SCHEMA}")
    words += ["--output=/dev/null", f"--file={script}"]
    _run("psql", *words, environment=environment)


def find_program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, in the newest installed version.

    A newer ``pg_dump`` reads an older server, but not the other way round.

    Raises:
        BackupError: It is nowhere.
    """
    if folder := os.environ.get("ARISTAY_POSTGRESQL_BIN"):
        chosen = shutil.which(name, path=folder)
    else:
        found = [path for place in PLACES for path in Path("/").glob(f"{place}/{name}")]
        chosen = str(max(found, key=_read_version)) if found else shutil.which(name)
    if chosen is None:
        raise BackupError(
            f"{name} was not found. Install PostgreSQL's client programs (postgresql-client), of "
            "the server's version or newer, or name their folder in ARISTAY_POSTGRESQL_BIN."
        )
    return chosen


def _read_version(path: Path) -> int:
    return int("".join(filter(str.isdecimal, str(path.parent))) or 0)


@contextmanager
def _hold_snapshot(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Hold a snapshot of the database for other connections, until the block ends."""
    with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _name_environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return libpq's connection settings; a password in the arguments would be visible to all."""
    given: dict[str, Any] = connection.get_connection_params()
    named = {variable: given.get(name) for name, variable in VARIABLES.items()}
    return os.environ | {name: str(value) for name, value in named.items() if value}


def _run(name: str, *words: str, environment: dict[str, str]) -> None:
    command = [find_program(name), *words]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, and no word from outside
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise BackupError(f"{name} failed, the database is as it was: {said}")
