"""The database that is measured: a temporary one beside that of ``DATABASE_URL``."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from tests.database import read_database_url

__all__ = ["choose_database", "clear_tables", "describe_database", "temporary_database"]


def choose_database() -> dict[str, Any]:
    """Return Django's settings for the database that ``DATABASE_URL`` names, SQLite unless told.

    The measurements run in a database of their own, made as Django makes one for tests.
    """
    database = read_database_url(os.environ.get("DATABASE_URL") or _default_url())
    if database["ENGINE"].endswith("sqlite3"):
        file = Path(database["NAME"])
        database["TEST"] = {"NAME": str(file.with_name(f"benchmarks_{file.name}"))}
        # As any site on SQLite should have it, and as AriStay does.
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    else:
        database["TEST"] = {"NAME": f"benchmarks_{database['NAME']}"}
    return database


def _default_url() -> str:
    return f"sqlite:///{Path(tempfile.gettempdir()) / f'modernize-{os.getpid()}.sqlite3'}"


@contextmanager
def temporary_database() -> Iterator[None]:
    """Make the database with its tables and triggers, and drop it afterwards."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def describe_database() -> str:
    """Return the database's name and version."""
    version = ".".join(str(part) for part in connection.get_database_version())
    return f"{connection.display_name} {version}"


def clear_tables(*tables: str) -> None:
    """Take all rows out of some tables, and leave no event behind."""
    from django_modernize.audit.locking import unlocked
    from django_modernize.audit.models import AuditContext, AuditEvent

    trail = [model._meta.db_table for model in (AuditEvent, AuditContext)]
    # The events last: emptying a tracked table row by row leaves some.
    names = [connection.ops.quote_name(table) for table in [*tables, *trail]]
    # In one transaction the order of the tables does not matter to foreign keys.
    with unlocked(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")
