"""Archives of backups, and empty databases for them to come back in."""

from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

from django.db import connection

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"


@contextmanager
def empty_database(tmp_path):
    """Lead the connection to a second database of the same kind, with nothing in it."""
    usual = connection.settings_dict["NAME"]
    name = f"restored_{uuid4().hex[:12]}"
    if connection.vendor == "postgresql":
        run_sql(f"CREATE DATABASE {name}")
    lead_connection(str(tmp_path / name) if connection.vendor == "sqlite" else name)
    try:
        yield
    finally:
        lead_connection(usual)
        if connection.vendor == "postgresql":
            run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def lead_connection(name):
    connection.close()
    connection.settings_dict["NAME"] = name


def run_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def list_photos(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def change_archive(path, change):
    """Write an archive anew, its parts changed by a function of names and contents."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
